<!-- old times
mainFunction = () => 'sloppy';
