//! From source text to the function to call: an ES module with a default export, or a classic script that
//! defines `mainFunction`. The text is compiled verbatim, so lines and columns are the author's.

use gateway_vm_protocol::OutcomeClass;

use crate::imports;
use crate::refusal::Refusal;
use crate::runtime::Runtime;
use crate::stack;

/// What the text turned out to be.
pub(crate) enum Program<'s> {
    /// A module that has been linked and not evaluated.
    Module(v8::Local<'s, v8::Module>),
    /// A classic script that has not been run.
    Script(v8::Local<'s, v8::Script>),
}

/// The text to compile.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Its name in stack traces.
    pub(crate) name: &'a str,
    /// The text.
    pub(crate) code: &'a str,
    /// Characters of the first line before the author's: columns there count from behind them.
    pub(crate) prefix: u32,
}

/// Name of the function a classic script defines.
const SCRIPT_ENTRY: &str = "mainFunction";

const NO_DEFAULT: &str =
    "the module has exports but no default export; write `export default async function (input, ctx) {…}`";
/// What those write who come from platforms where the default export is an object with `fetch`.
const NO_HANDLER: &str = "the default export is an object; write the function itself: `export default async function (input, ctx) {…}`";
/// What those write whose module exports a class.
const NO_INSTANCE: &str = "the default export is a class; write the function itself: `export default async function (input, ctx) {…}`";
/// V8's text for code that is the body of a function, as platforms want it that wrap the code themselves.
const RETURN: &str = "SyntaxError: Illegal return statement";
const NO_FUNCTION_AROUND: &str = " outside of a function; write `export default async function (input, ctx) {…}`, or for code of Chainlink Functions \
     begin with `/* gateway-manifest {\"compat\": \"chainlink-functions\"} */`";
const NO_ENTRY: &str = "the code defines no entry; write `export default async function (input, ctx) {…}` or define `mainFunction`";

/// The last text that turned out to be a classic script: a worker gets one piece of code repeatedly, and need not find out each
/// time that it is no module. Nothing that V8 made of it is kept, so that all runs go the same way: where functions that an earlier run
/// compiled were at hand, recursion would overflow elsewhere.
#[derive(Default)]
pub(crate) struct Known {
    script: Option<String>,
}

/// Compiles the text. A text without exports is a classic script, as are most of those that do not parse as a
/// module; when neither parses, the error that lies further into the text is the one that helps.
pub(crate) fn compile<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    source: Source<'_>,
    known: &mut Known,
) -> Option<Result<Program<'s>, Refusal>> {
    let text = v8::String::new(scope, source.code)?;
    if known.script.as_deref() == Some(source.code) {
        return Some(compile_script(scope, source, text)?.map(Program::Script));
    }
    let module_error = match compile_module(scope, source, text)? {
        Ok(module) => match link(scope, module)? {
            Ok(Some(program)) => return Some(Ok(program)),
            Ok(None) => None,
            Err(refusal) => return Some(Err(refusal)),
        },
        Err(error) => Some(error),
    };
    match compile_script(scope, source, text)? {
        Ok(script) => {
            known.script = Some(source.code.to_owned());
            Some(Ok(Program::Script(script)))
        }
        Err(error) => {
            let position = |r: &Refusal| (r.failure.line, r.failure.column);
            let further = module_error.filter(|other| position(other) > position(&error));
            let mut refusal = further.unwrap_or(error);
            if refusal.failure.message == RETURN {
                refusal.failure.message.push_str(NO_FUNCTION_AROUND);
            }
            Some(Err(refusal))
        }
    }
}

fn origin<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    source: Source<'_>,
    module: bool,
) -> Option<v8::ScriptOrigin<'s>> {
    let name = v8::String::new(scope, source.name)?;
    let column = i32::try_from(source.prefix).ok()?.checked_neg()?;
    Some(v8::ScriptOrigin::new(scope, name.into(), 0, column, false, 0, None, false, false, module, None))
}

fn compile_module<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    source: Source<'_>,
    text: v8::Local<'s, v8::String>,
) -> Option<Result<v8::Local<'s, v8::Module>, Refusal>> {
    let origin = origin(scope, source, true)?;
    v8::tc_scope!(let tc, scope);
    let mut source = v8::script_compiler::Source::new(text, Some(&origin));
    match stack::compile_module(tc, &mut source) {
        Some(module) => Some(Ok(module)),
        None => Refusal::caught(tc, OutcomeClass::JsSyntax).map(Err),
    }
}

fn compile_script<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    source: Source<'_>,
    text: v8::Local<'s, v8::String>,
) -> Option<Result<v8::Local<'s, v8::Script>, Refusal>> {
    let origin = origin(scope, source, false)?;
    v8::tc_scope!(let tc, scope);
    match stack::compile_script(tc, text, Some(&origin)) {
        Some(script) => Some(Ok(script)),
        None => Refusal::caught(tc, OutcomeClass::JsSyntax).map(Err),
    }
}

/// Links a module that imports nothing. `Ok(None)` means that it has no exports and may be a script.
fn link<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    module: v8::Local<'s, v8::Module>,
) -> Option<Result<Option<Program<'s>>, Refusal>> {
    v8::tc_scope!(let tc, scope);
    if module.instantiate_module(tc, imports::refuse_static).is_none() {
        let mut refusal = Refusal::caught(tc, OutcomeClass::JsSyntax)?;
        if module.get_module_requests().length() > 0 {
            refusal.class = OutcomeClass::ImportDenied;
        }
        return Some(Err(refusal));
    }
    let namespace = module.get_module_namespace().to_object(tc)?;
    let key = v8::String::new(tc, "default")?;
    if namespace.has(tc, key.into())? {
        return Some(Ok(Some(Program::Module(module))));
    }
    let exports = namespace.get_own_property_names(tc, v8::GetPropertyNamesArgs::default());
    match exports.map(|names| names.length()) {
        Some(0) => Some(Ok(None)),
        // A binding that is not initialised yet makes the listing throw: there is one, then.
        _ => Some(Err(no_function(NO_DEFAULT))),
    }
}

/// The function a program offers, after it has run.
pub(crate) fn entry<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    runtime: &Runtime<'s>,
    program: &Program<'s>,
) -> Option<Result<v8::Local<'s, v8::Function>, Refusal>> {
    let value = match program {
        Program::Module(module) => {
            let namespace = module.get_module_namespace().to_object(scope)?;
            let key = v8::String::new(scope, "default")?;
            namespace.get(scope, key.into())?
        }
        Program::Script(_) => {
            // A top-level `const` is no property of the global object; only a script sees it.
            let text = format!("typeof {SCRIPT_ENTRY} === 'undefined' ? undefined : {SCRIPT_ENTRY}");
            let text = v8::String::new(scope, &text)?;
            let script = stack::compile_script(scope, text, None)?;
            stack::run(scope, script)?
        }
    };
    Some(match (v8::Local::<v8::Function>::try_from(value), program) {
        (Ok(_), Program::Module(_)) if runtime.call(scope, "isClass", &[value])?.is_true() => {
            Err(no_function(NO_INSTANCE))
        }
        (Ok(function), _) => Ok(function),
        (Err(_), Program::Module(_)) if value.is_object() => Err(no_function(NO_HANDLER)),
        (Err(_), Program::Module(_)) => Err(no_function("the default export is not a function")),
        (Err(_), Program::Script(_)) => Err(no_function(NO_ENTRY)),
    })
}

fn no_function(text: &str) -> Refusal {
    Refusal::of(OutcomeClass::NoFunction, text)
}
