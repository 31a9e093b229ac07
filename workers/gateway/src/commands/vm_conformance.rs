//! `gateway vm-conformance`: test262, or a part of it, in the worker.

use std::process::ExitCode;

use gateway_engine::FetchConfig;
use gateway_engine::conformance::{Verdict, conformance};

use super::local_engine;
use crate::arguments::VmConformance;
use crate::commands::CommandError;

/// A file failed.
const FAILED: u8 = 3;

/// Runs `gateway vm-conformance`.
pub(super) async fn vm_conformance(options: VmConformance) -> Result<ExitCode, CommandError> {
    let engine = local_engine::start(2, FetchConfig::default()).await?;
    let filter = options.only.unwrap_or_default();
    let (mut passed, mut failed, mut skipped) = (0u32, 0u32, 0u32);
    let run = conformance(&engine, &options.folder, &filter, |file| {
        let path = file.path.display();
        match &file.verdict {
            Verdict::Pass => {
                passed += 1;
                println!("pass {path}");
            }
            Verdict::Fail(what) => {
                failed += 1;
                println!("fail {path}: {what}");
            }
            Verdict::Skip(why) => {
                skipped += 1;
                println!("skip {path}: {why}");
            }
        }
    })
    .await;
    engine.shutdown().await;
    run?;
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}
