const price = await Promise.resolve(100);
return Functions.encodeUint256(price);
