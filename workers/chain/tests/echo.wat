;; The smallest contract: accepts every message with one event, except those whose first key starts with "f".
(module
  (memory (export "memory") 2)
  (data (i32.const 1024) "{\"ok\":{\"messages\":[],\"attributes\":[],\"events\":[{\"type\":\"echo\",\"attributes\":[]}],\"data\":null}}")
  (data (i32.const 1280) "{\"error\":\"refused\"}")
  (data (i32.const 1536) "{\"ok\":\"eyJuIjo3fQ==\"}")
  (global $heap (mut i32) (i32.const 8192))

  (func (export "interface_version_8"))
  (func (export "allocate") (param $size i32) (result i32)
    (local $region i32)
    (local.set $region (global.get $heap))
    (i32.store (local.get $region) (i32.add (local.get $region) (i32.const 12)))
    (i32.store offset=4 (local.get $region) (local.get $size))
    (i32.store offset=8 (local.get $region) (i32.const 0))
    (global.set $heap
      (i32.and (i32.add (i32.add (local.get $region) (local.get $size)) (i32.const 27)) (i32.const -16)))
    (local.get $region))
  (func (export "deallocate") (param i32))

  ;; A region at 48 that holds the text at an offset.
  (func $answer (param $at i32) (param $len i32) (result i32)
    (i32.store (i32.const 48) (local.get $at))
    (i32.store (i32.const 52) (local.get $len))
    (i32.store (i32.const 56) (local.get $len))
    (i32.const 48))

  (func (export "instantiate") (param i32 i32 i32) (result i32)
    (call $answer (i32.const 1024) (i32.const 93)))
  (func (export "execute") (param $env i32) (param $info i32) (param $msg i32) (result i32)
    (if (i32.eq (i32.load8_u offset=2 (i32.load (local.get $msg))) (i32.const 102))
      (then (return (call $answer (i32.const 1280) (i32.const 19)))))
    (call $answer (i32.const 1024) (i32.const 93)))
  (func (export "query") (param i32 i32) (result i32)
    (call $answer (i32.const 1536) (i32.const 21))))
