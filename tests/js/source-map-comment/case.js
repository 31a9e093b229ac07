export default () => 1;
//# sourceMappingURL=file:///etc/passwd
