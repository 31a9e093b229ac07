//! The API that code gets: each piece against values known from elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{engine, outcome};

async fn check(cases: &[(&str, &str)]) {
    let engine = engine().await;
    for (expression, expected) in cases {
        let code = format!("export default async () => {{ {expression} }}");
        let (class, body) = outcome(&engine, &code, "0").await;
        assert_eq!((class.as_str(), body.as_str()), ("ok", *expected), "{expression}");
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn text_base64_and_clones() {
    check(&[
        ("return [...new TextEncoder().encode('é€')]", "[195,169,226,130,172]"),
        ("return new TextDecoder().decode(new Uint8Array([239, 187, 191, 104, 255]))", "\"h\u{fffd}\""),
        ("try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (e) { return e.name }", r#""TypeError""#),
        ("return new TextEncoder().encodeInto('aé€', new Uint8Array(4))", r#"{"read":2,"written":3}"#),
        ("return [btoa('hello'), atob('aGVsbG8='), atob(' aGVsbG8'), atob('')]", r#"["aGVsbG8=","hello","hello",""]"#),
        ("return ['a', 'a===', '!aaa'].map((t) => { try { return atob(t) } catch (e) { return e.name } })",
         r#"["InvalidCharacterError","InvalidCharacterError","InvalidCharacterError"]"#),
        ("const a = { d: new Date(5), m: new Map([[1, { x: 1 }]]), u: new Uint8Array([1, 2]) }; a.self = a; \
          const b = structuredClone(a); b.m.get(1).x = 2; \
          return [b !== a, b.self === b, b.d.getTime(), a.m.get(1).x, [...b.u], b.d instanceof Date]", "[true,true,5,1,[1,2],true]"),
        ("try { structuredClone(() => {}) } catch (e) { return e.message }", r#""structuredClone: a function cannot be cloned""#),
    ])
    .await;
}

#[tokio::test]
async fn urls_are_those_of_the_standard() {
    check(&[
        ("return new URL('HTTPS://EXAMPLE.com:443/a/../b?x=1#y').href", r#""https://example.com/b?x=1#y""#),
        ("const u = new URL('../c', 'https://h.example/a/b/'); return [u.pathname, u.origin, u.host, `${u}`]",
         r#"["/a/c","https://h.example","h.example","https://h.example/a/c"]"#),
        ("const u = new URL('https://h.example/'); u.searchParams.append('q', 'a b&c'); u.hash = 'z'; u.port = '8080'; return u.href",
         r#""https://h.example:8080/?q=a+b%26c#z""#),
        ("const u = new URL('https://h.example/?a=1'); u.search = '?b=2'; return [...u.searchParams]", r#"[["b","2"]]"#),
        ("return [URL.canParse('nope'), URL.parse('nope'), new URL('http://①②⑦.1/').hostname]", r#"[false,null,"127.0.0.1"]"#),
        ("try { new URL('nope') } catch (e) { return e.message }", r#""Invalid URL: 'nope'""#),
        ("const p = new URLSearchParams('?a=1&b=%C3%A9+x&a=2&c'); \
          return [p.getAll('a'), p.get('b'), p.get('c'), p.get('d'), p.size, p.toString()]",
         r#"[["1","2"],"é x","",null,4,"a=1&b=%C3%A9+x&a=2&c="]"#),
        ("const p = new URLSearchParams({ z: 1, a: 2 }); p.sort(); p.set('z', 3); p.delete('a'); return `${p}`", r#""z=3""#),
    ])
    .await;
}

#[tokio::test]
async fn patterns_of_addresses_match_as_the_standard_says() {
    check(&[
        ("const p = new URLPattern({ pathname: '/v1/prices/:coin{.:kind}?' }); \
          return [p.exec('https://h.example/v1/prices/btc.json').pathname.groups, p.exec('https://h.example/v1/prices/btc').pathname.groups.kind === undefined, \
            p.test('https://h.example/v2/prices/btc')]",
         r#"[{"coin":"btc","kind":"json"},true,false]"#),
        ("const p = new URLPattern('https://*.example/:page(\\\\d+(?=x).)\\\\?a=*#end'); \
          const { hostname, pathname, search } = p.exec('https://api.example/12x?a=7#end'); \
          return [hostname.groups[0], pathname.groups.page, search.input, p.hash, p.hasRegExpGroups]",
         r#"["api","12x","a=7","end",true]"#),
        ("const p = new URLPattern('/A/:b', 'https://h.example', { ignoreCase: true }); \
          return [p.exec('/a/C', 'https://h.example').inputs, p.test(new URL('https://h.example/a/c')), p.protocol, p.port, p.search]",
         r#"[["/a/C","https://h.example"],true,"https","","*"]"#),
        ("return [new URLPattern().test('any:thing'), new URLPattern({ port: '443', protocol: 'https' }).port, new URLPattern('/x', 'https://h.example').exec('no address')]",
         r#"[true,"",null]"#),
        ("return ['(', 'https://h.example/:a/:a', '/x', 'https://h.example/([)'].map((text) => { \
            try { return new URLPattern(text).pathname } catch (e) { return `${e}` } })",
         r#"["TypeError: URLPattern: a relative input without a base URL is not valid","TypeError: URLPattern: parser error: pattern contains duplicate name a","TypeError: URLPattern: a relative input without a base URL is not valid","TypeError: URLPattern: pathname: Invalid regular expression: /^(?:\\/([))$/v: Invalid character in character class"]"#),
        ("try { new URLPattern({}, 'https://h.example') } catch (e) { return e.message }",
         r#""URLPattern: specifying both an init object, and a separate base URL is not valid""#),
        ("try { new URLPattern('x'.repeat(70000), 'https://h.example') } catch (e) { return `${e}` }",
         r#""RangeError: URLPattern: the input has 70030 bytes; the limit is 65536""#),
        ("RegExp.prototype.exec = () => null; JSON.stringify = () => '1'; return new URLPattern({ hash: 'a' }).test('https://h.example/#a')", "true"),
    ])
    .await;
}

#[tokio::test]
async fn crypto_and_helpers() {
    check(&[
        ("return gateway.toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc'))))",
         r#""0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#),
        ("return gateway.toHex(gateway.keccak256('abc'))",
         r#""0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45""#),
        ("return [crypto.randomUUID().length, crypto.randomUUID()[14], crypto.getRandomValues(new Uint32Array(2)).length]", r#"[36,"4",2]"#),
        ("return crypto.subtle.digest('MD5', new Uint8Array(1)).catch((e) => e.message)", r#""the algorithm MD5 is not available""#),
        ("return gateway.bech32.encode('archway', new Uint8Array(20))", r#""archway1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqxgumd2""#),
        ("const d = gateway.bech32.decode(gateway.bech32.encode('cosmos', '0x00ff')); return [d.prefix, [...d.bytes]]", r#"["cosmos",[0,255]]"#),
        ("try { gateway.bech32.decode('archway1qqqq') } catch (e) { return e.name }", r#""TypeError""#),
        ("return gateway.abi.selector('transfer(address,uint256)')", r#""0xa9059cbb""#),
        ("return gateway.abi.encode(['uint256', 'string'], [1, 'ab']).length", "258"),
        ("const t = ['uint8', 'int256', 'bool', 'address', 'bytes3', 'bytes', 'string[]', '(uint256,string)[2]']; \
          const v = [7, -5n, true, '0x' + '11'.repeat(20), '0xaabbcc', '0x01', ['x', 'é'], [[1, 'p'], [2, 'q']]]; \
          return gateway.abi.decode(t, gateway.abi.encode(t, v)).map((x) => JSON.stringify(x, (k, y) => typeof y === 'bigint' ? `${y}` : y)).join()",
         r#""\"7\",\"-5\",true,\"0x1111111111111111111111111111111111111111\",\"0xaabbcc\",\"0x01\",[\"x\",\"é\"],[[\"1\",\"p\"],[\"2\",\"q\"]]""#),
        // The example of the Solidity documentation: f(uint256,uint32[],bytes10,bytes).
        ("return gateway.toHex(gateway.sha256(gateway.abi.encode(['uint256','uint32[]','bytes10','bytes'], [0x123, [0x456, 0x789], '1234567890', 'Hello, world!']))).slice(0, 10)",
         r#""0xd2d2aba2""#),
        ("return [() => gateway.abi.encode(['uint8'], [256]), () => gateway.abi.decode(['string'], '0x' + 'ff'.repeat(64)), () => gateway.abi.encode(['uint7'], [1])]\
          .map((f) => { try { return f() } catch (e) { return e.name } })", r#"["RangeError","RangeError","TypeError"]"#),
        ("const D = gateway.Decimal; return [new D('0.1').plus('0.2'), new D('1').dividedBy(3, 5), new D('-2.5').round(0, 'even'), new D('1e3').times('1e-4'), \
          D.median(['3', '1', '2.5', '10']), new D('1.005').toFixed(2), new D('5').compare('4.99'), `${new D('12.5').toBigInt(6)}`]",
         r#"["0.3","0.33333","-2","0.1","2.75","1.01",1,"12500000"]"#),
        ("try { new gateway.Decimal('1').dividedBy(0) } catch (e) { return e.message }", r#""division by zero""#),
    ])
    .await;
}
