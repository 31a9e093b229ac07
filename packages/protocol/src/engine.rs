//! Which engine a request has to be attested with: that of the epoch that draws it.

use gateway_api::{EngineFrom, EngineId, EngineProfile, Epoch, Refusal};

/// Returns the engine of a draw in an epoch, by its id in a profile; `None` before the first entry: any engine counts.
#[must_use]
pub fn required_engine(plan: &[EngineFrom], epoch: Epoch, profile: EngineProfile) -> Option<EngineId> {
    let from = plan.iter().filter(|from| from.epoch <= epoch).max_by_key(|from| from.epoch);
    from.map(|from| from.engine.of(profile))
}

/// Checks that an outcome is of the engine that its draw requires.
///
/// # Errors
/// [`Refusal::WrongEngine`].
pub fn check_engine(required: Option<EngineId>, engine: EngineId) -> Result<(), Refusal> {
    match required {
        Some(needed) if needed != engine => Err(Refusal::WrongEngine { needed }),
        Some(_) | None => Ok(()),
    }
}

/// Whether enough units are ready for an engine, of all that draw.
#[must_use]
pub fn is_ready(ready_units: u64, total_units: u64, min_ready_bps: u16) -> bool {
    u128::from(ready_units) * u128::from(gateway_api::limits::BPS)
        >= u128::from(total_units) * u128::from(min_ready_bps)
}

#[cfg(test)]
mod tests {
    use gateway_api::EngineRelease;

    use super::*;

    fn id(byte: u8) -> EngineId {
        EngineId([byte; 32])
    }

    #[test]
    fn a_draw_takes_the_engine_of_its_epoch_and_profile() {
        let from = |epoch, byte| EngineFrom {
            epoch: Epoch(epoch),
            engine: EngineRelease { jitless: id(byte), jit: id(byte + 100) },
        };
        let plan = [from(3, 1), from(7, 2)];
        let at = |epoch| required_engine(&plan, Epoch(epoch), EngineProfile::Jitless);
        assert_eq!([2, 3, 6, 7, 900].map(at), [None, Some(id(1)), Some(id(1)), Some(id(2)), Some(id(2))]);
        assert_eq!(required_engine(&plan, Epoch(6), EngineProfile::Jit), Some(id(101)));
        assert_eq!(required_engine(&[], Epoch(6), EngineProfile::Jit), None);
    }

    #[test]
    fn only_the_required_engine_passes_and_any_where_none_is() {
        assert_eq!(check_engine(None, id(1)), Ok(()));
        assert_eq!(check_engine(Some(id(1)), id(1)), Ok(()));
        assert_eq!(check_engine(Some(id(2)), id(1)), Err(Refusal::WrongEngine { needed: id(2) }));
    }

    #[test]
    fn readiness_includes_its_bound() {
        assert!(is_ready(8, 10, 8000) && !is_ready(7, 10, 8000) && is_ready(0, 0, 10_000));
        assert!(is_ready(u64::MAX, u64::MAX, 10_000) && is_ready(0, u64::MAX, 0));
    }
}
