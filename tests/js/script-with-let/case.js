let mainFunction = ({ a }) => a * 2;
