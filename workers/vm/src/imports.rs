//! Imports, which code may not use: a static one is refused while the module is linked, a dynamic one rejects with an
//! error that is known again when nobody catches it.
#![allow(unsafe_code)]

/// Name of the private mark on the error of a dynamic import; code can neither read nor set it.
const MARK: &str = "gateway:import";

/// V8 asks for a module that another imports.
pub(crate) fn refuse_static<'s>(
    context: v8::Local<'s, v8::Context>,
    specifier: v8::Local<'s, v8::String>,
    _attributes: v8::Local<'s, v8::FixedArray>,
    _referrer: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Module>> {
    v8::callback_scope!(unsafe scope, context);
    if let Some(message) = message(scope, specifier) {
        let error = v8::Exception::syntax_error(scope, message);
        scope.throw_exception(error);
    }
    None
}

/// V8 runs an `import()`.
pub(crate) fn refuse_dynamic<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    _options: v8::Local<'s, v8::Data>,
    _resource: v8::Local<'s, v8::Value>,
    specifier: v8::Local<'s, v8::String>,
    _attributes: v8::Local<'s, v8::FixedArray>,
) -> Option<v8::Local<'s, v8::Promise>> {
    let resolver = v8::PromiseResolver::new(scope)?;
    let message = message(scope, specifier)?;
    let error = v8::Exception::type_error(scope, message);
    let mark = mark(scope)?;
    error.to_object(scope)?.set_private(scope, mark, error)?;
    resolver.reject(scope, error);
    Some(resolver.get_promise(scope))
}

/// Whether a value is the error of a dynamic import.
pub(crate) fn is_refusal(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<'_, v8::Value>) -> bool {
    let Ok(object) = v8::Local::<v8::Object>::try_from(value) else { return false };
    mark(scope).and_then(|mark| object.has_private(scope, mark)).unwrap_or(false)
}

fn mark<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Private>> {
    let name = v8::String::new(scope, MARK)?;
    Some(v8::Private::for_api(scope, Some(name)))
}

fn message<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    specifier: v8::Local<'_, v8::String>,
) -> Option<v8::Local<'s, v8::String>> {
    let text = format!("imports are not available: '{}'", specifier.to_rust_string_lossy(scope));
    v8::String::new(scope, &text)
}
