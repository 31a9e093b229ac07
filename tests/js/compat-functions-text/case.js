/* gateway-manifest {"compat": "chainlink-functions"} */
return [Functions.encodeInt256(-1), Functions.encodeString('é')][Number(args[0])];
