;; A contract in one page: a counter under the key "c".
;; It answers every entry point with a fixed text chosen by one byte of the message, so that a test can ask for each
;; behaviour of the chain without a compiler for contracts.
;;
;; The message of instantiate and execute is {"<letter>":…}; the letter is its third byte.
(module
  (import "env" "db_read" (func $db_read (param i32) (result i32)))
  (import "env" "db_write" (func $db_write (param i32 i32)))
  (memory (export "memory") 2)

  ;; Region of the key "c": offset, capacity, length.
  (data (i32.const 16) "\40\00\00\00\01\00\00\00\01\00\00\00")
  (data (i32.const 64) "c")
  ;; Region of the value, one byte at 96.
  (data (i32.const 32) "\60\00\00\00\01\00\00\00\01\00\00\00")
  (data (i32.const 96) "0")
  ;; The result region is at 48.

  (data (i32.const 1024) "{\"ok\":{\"messages\":[],\"attributes\":[],\"events\":[],\"data\":null}}")
  (data (i32.const 1280) "{\"ok\":{\"messages\":[],\"attributes\":[{\"key\":\"action\",\"value\":\"add\"}],\"events\":[{\"type\":\"added\",\"attributes\":[{\"key\":\"by\",\"value\":\"1\"}]}],\"data\":\"YWJj\"}}")
  (data (i32.const 1536) "{\"error\":\"refused\"}")
  (data (i32.const 1600) "{\"ok\":\"IjAi\"}")

  (global $heap (mut i32) (i32.const 8192))

  (func (export "interface_version_8"))

  ;; Never frees: an instance lives for one call.
  (func (export "allocate") (param $size i32) (result i32)
    (local $region i32)
    (local.set $region (global.get $heap))
    (i32.store (local.get $region) (i32.add (local.get $region) (i32.const 12)))
    (i32.store offset=4 (local.get $region) (local.get $size))
    (i32.store offset=8 (local.get $region) (i32.const 0))
    (global.set $heap
      (i32.and
        (i32.add (i32.add (local.get $region) (local.get $size)) (i32.const 27))
        (i32.const -16)))
    (local.get $region))
  (func (export "deallocate") (param i32))

  (func $answer (param $at i32) (param $len i32) (result i32)
    (i32.store (i32.const 48) (local.get $at))
    (i32.store (i32.const 52) (local.get $len))
    (i32.store (i32.const 56) (local.get $len))
    (i32.const 48))

  ;; The letter that names what a message asks for.
  (func $letter (param $msg i32) (result i32)
    (i32.load8_u offset=2 (i32.load (local.get $msg))))

  ;; Adds one to the counter.
  (func $bump
    (local $found i32)
    (local.set $found (call $db_read (i32.const 16)))
    (if (local.get $found)
      (then
        (i32.store8 (i32.const 96)
          (i32.add (i32.load8_u (i32.load (local.get $found))) (i32.const 1)))))
    (call $db_write (i32.const 16) (i32.const 32)))

  (func (export "instantiate") (param i32 i32 i32) (result i32)
    (call $db_write (i32.const 16) (i32.const 32))
    (call $answer (i32.const 1024) (i32.const 62)))

  (func (export "execute") (param $env i32) (param $info i32) (param $msg i32) (result i32)
    (local $letter i32)
    (local.set $letter (call $letter (local.get $msg)))
    ;; a: add
    (if (i32.eq (local.get $letter) (i32.const 97))
      (then (call $bump) (return (call $answer (i32.const 1280) (i32.const 150)))))
    ;; f: add, then fail
    (if (i32.eq (local.get $letter) (i32.const 102))
      (then (call $bump) (return (call $answer (i32.const 1536) (i32.const 19)))))
    ;; l: loop for ever
    (if (i32.eq (local.get $letter) (i32.const 108))
      (then (loop $again (br $again))))
    ;; anything else is answered with itself: the whole message is the response
    (call $answer
      (i32.load (local.get $msg))
      (i32.load offset=8 (local.get $msg))))

  (func (export "reply") (param $env i32) (param $msg i32) (result i32)
    (call $bump)
    (call $answer (i32.const 1280) (i32.const 150)))

  ;; The chain's own call, {"callback":{"job_id":N}}: 2 runs for ever, 3 adds and fails, any other number adds.
  (func (export "sudo") (param $env i32) (param $msg i32) (result i32)
    (local $job i32)
    (local.set $job (i32.load8_u offset=22 (i32.load (local.get $msg))))
    (if (i32.eq (local.get $job) (i32.const 50))
      (then (loop $again (br $again))))
    (call $bump)
    (if (i32.eq (local.get $job) (i32.const 51))
      (then (return (call $answer (i32.const 1536) (i32.const 19)))))
    (call $answer (i32.const 1280) (i32.const 150)))

  (func (export "migrate") (param $env i32) (param $msg i32) (result i32)
    (call $bump)
    (call $answer (i32.const 1024) (i32.const 62)))

  (func (export "query") (param $env i32) (param $msg i32) (result i32)
    (local $found i32)
    (if (i32.eq (call $letter (local.get $msg)) (i32.const 108))
      (then (loop $again (br $again))))
    (local.set $found (call $db_read (i32.const 16)))
    ;; The answer is base64 of a quoted digit, of which only the third character depends on the digit (up to 6).
    (if (local.get $found)
      (then
        (i32.store8 (i32.const 1609)
          (i32.sub
            (i32.mul (i32.load8_u (i32.load (local.get $found))) (i32.const 4))
            (i32.const 127)))))
    (call $answer (i32.const 1600) (i32.const 13))))
