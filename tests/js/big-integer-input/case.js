export default ({ transfer }) => transfer.amount;
