/* gateway-manifest {"compat": "chainlink-functions"} */
return 42;
