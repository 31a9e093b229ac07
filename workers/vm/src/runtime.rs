//! The JavaScript half of the host: evaluated in every context before the code, and the functions of it that
//! the native half calls.

use crate::{host, stack};

/// Source of the bootstrap, in ASCII alone; part of the engine id.
pub(crate) const BOOTSTRAP: &str = concat!(
    "(function (host) {\n'use strict';\n",
    include_str!("js/lockdown.js"),
    include_str!("js/inspect.js"),
    include_str!("js/console.js"),
    include_str!("js/timers.js"),
    include_str!("js/text.js"),
    include_str!("js/url.js"),
    include_str!("js/url_pattern.js"),
    include_str!("js/helpers.js"),
    include_str!("js/events.js"),
    include_str!("js/crypto.js"),
    include_str!("js/blob.js"),
    include_str!("js/streams.js"),
    include_str!("js/failures.js"),
    include_str!("js/fetch.js"),
    include_str!("js/documents.js"),
    include_str!("js/functions.js"),
    include_str!("js/transform.js"),
    include_str!("js/thrown.js"),
    include_str!("js/result.js"),
    "\nreturn runtime;\n})"
);

/// The source as V8 gets it: text that stays where it is in the executable, so that neither a snapshot nor a heap made of one has a
/// copy of it.
pub(crate) static BOOTSTRAP_TEXT: v8::OneByteConst =
    v8::String::create_external_onebyte_const(BOOTSTRAP.as_bytes());

/// File name of the bootstrap in stack traces.
pub(crate) const BOOTSTRAP_NAME: &str = "gateway:bootstrap";

/// The object that the bootstrap returned.
#[derive(Clone, Copy)]
pub(crate) struct Runtime<'s> {
    object: v8::Local<'s, v8::Object>,
}

impl<'s> Runtime<'s> {
    /// Evaluates the bootstrap in the current context. `None` means that the bootstrap itself is broken.
    pub(crate) fn install(scope: &mut v8::PinScope<'s, '_>) -> Option<Runtime<'s>> {
        let name = v8::String::new(scope, BOOTSTRAP_NAME)?;
        let origin =
            v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, 0, None, false, false, false, None);
        let source = v8::String::new_from_onebyte_const(scope, &BOOTSTRAP_TEXT)?;
        let script = v8::Script::compile(scope, source, Some(&origin))?;
        let function: v8::Local<v8::Function> = script.run(scope)?.try_into().ok()?;
        let host = host::functions(scope)?;
        let undefined = v8::undefined(scope).into();
        let object = function.call(scope, undefined, &[host.into()])?.to_object(scope)?;
        Some(Runtime { object })
    }

    /// Calls what every run calls, so that a snapshot holds it compiled. `None` means that the bootstrap itself is broken.
    pub(crate) fn rehearse(&self, scope: &mut v8::PinScope<'s, '_>) -> Option<()> {
        let text = v8::String::new(scope, r#"{"list":[0.5,"text",true,null]}"#)?;
        let value = v8::json::parse(scope, text)?;
        let now = v8::Number::new(scope, 0.0).into();
        self.call(scope, "context", &[now])?;
        self.call(scope, "serialize", &[value])?;
        self.call(scope, "tick", &[])?;
        self.rehearse_fetch(scope)
    }

    /// A request that goes nowhere, because no run stands behind it, and its answer.
    fn rehearse_fetch(&self, scope: &mut v8::PinScope<'s, '_>) -> Option<()> {
        let source =
            v8::String::new(scope, "fetch('https://host.invalid/').then((response) => response.json())")?;
        v8::Script::compile(scope, source, None)?.run(scope)?;
        scope.perform_microtask_checkpoint();
        let kind = v8::String::new(scope, "ok")?.into();
        let status = v8::Integer::new(scope, 200).into();
        let url = v8::String::new(scope, "https://host.invalid/")?.into();
        let headers = v8::Array::new(scope, 0).into();
        let body = v8::ArrayBuffer::new(scope, 0);
        let body = v8::Uint8Array::new(scope, body, 0, 0)?.into();
        // Without a run, the request has no number.
        let id = v8::undefined(scope).into();
        self.call(scope, "fetched", &[id, kind, status, url, headers, body])?;
        scope.perform_microtask_checkpoint();
        Some(())
    }

    /// The runtime of a context that came out of a snapshot.
    pub(crate) fn restore(scope: &mut v8::PinScope<'s, '_>) -> Option<Runtime<'s>> {
        let object = scope.get_context_data_from_snapshot_once::<v8::Object>(0).ok()?;
        let runtime = Runtime { object };
        runtime.call(scope, "lockdown", &[])?;
        Some(runtime)
    }

    /// The runtime that this object is.
    pub(crate) fn of(object: v8::Local<'s, v8::Object>) -> Runtime<'s> {
        Runtime { object }
    }

    /// The object, to be kept in a snapshot or beside a context.
    pub(crate) fn object(&self) -> v8::Local<'s, v8::Object> {
        self.object
    }

    /// Calls a function of the runtime; `None` when it threw or was stopped.
    pub(crate) fn call(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        name: &str,
        args: &[v8::Local<'s, v8::Value>],
    ) -> Option<v8::Local<'s, v8::Value>> {
        let key = v8::String::new(scope, name)?;
        let function: v8::Local<v8::Function> = self.object.get(scope, key.into())?.try_into().ok()?;
        stack::call(scope, function, self.object.into(), args)
    }
}
