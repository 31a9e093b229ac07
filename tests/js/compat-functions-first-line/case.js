/* gateway-manifest {"compat": "chainlink-functions"} */ throw new Error('where');
