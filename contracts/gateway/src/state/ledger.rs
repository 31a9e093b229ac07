//! What the contract holds and for whom. The totals never exceed its balance: coins in = coins out + held.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Storage, Uint128};
use gateway_api::events::BountyPaid;

use crate::error::ContractError;
use crate::state::codec::{Item, Map, Record};
use crate::state::vec_map::VecMap;

/// The totals.
#[cw_serde]
#[derive(Default)]
pub(crate) struct Totals {
    /// Nodes' stake.
    pub(crate) stake: Uint128,
    /// Fees reserved for open requests.
    pub(crate) reserved: Uint128,
    /// Rewards and refunds waiting to be claimed.
    pub(crate) claimable: Uint128,
    /// For keepers' bounties; none for 0.
    pub(crate) pool: Option<Uint128>,
    /// Subscriptions' balances; none for 0.
    pub(crate) subscriptions: Option<Uint128>,
    /// Schedules' budgets; none for 0.
    pub(crate) schedules: Option<Uint128>,
}

impl Totals {
    /// Everything that is owed or set aside.
    ///
    /// # Errors
    /// [`ContractError::Overflow`].
    pub(crate) fn all(&self) -> Result<Uint128, ContractError> {
        [self.pool, self.subscriptions, self.schedules]
            .into_iter()
            .flatten()
            .chain([self.stake, self.reserved, self.claimable])
            .try_fold(Uint128::zero(), |sum, part| Ok(sum.checked_add(part)?))
    }
}

impl Record for Totals {}

const TOTALS: Item<Totals> = Item::new("ledger");
const CLAIMABLE: Map<&Addr, Uint128> = Map::new("claimable");

/// The totals as they stand.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn totals(storage: &dyn Storage) -> Result<Totals, ContractError> {
    Ok(TOTALS.may_load(storage)?.unwrap_or_default())
}

/// What an address may claim.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn claimable(storage: &dyn Storage, address: &Addr) -> Result<Uint128, ContractError> {
    Ok(CLAIMABLE.may_load(storage, address)?.unwrap_or_default())
}

/// Entries of one transaction, gathered and written once: many results cost one write per address.
pub(crate) struct Book {
    totals: Totals,
    credits: VecMap<Addr, Uint128>,
}

impl Book {
    /// Opens the book.
    ///
    /// # Errors
    /// [`ContractError::Std`] where the storage fails or holds an unreadable record.
    pub(crate) fn open(storage: &dyn Storage) -> Result<Self, ContractError> {
        Ok(Self { totals: totals(storage)?, credits: VecMap::new() })
    }

    /// Stake comes in.
    pub(crate) fn stake_in(&mut self, amount: Uint128) -> Result<(), ContractError> {
        self.totals.stake = self.totals.stake.checked_add(amount)?;
        Ok(())
    }

    /// Stake leaves, to its owner or to be credited to somebody.
    pub(crate) fn stake_out(&mut self, amount: Uint128) -> Result<(), ContractError> {
        self.totals.stake = self.totals.stake.checked_sub(amount)?;
        Ok(())
    }

    /// A fee is reserved.
    pub(crate) fn reserve(&mut self, amount: Uint128) -> Result<(), ContractError> {
        self.totals.reserved = self.totals.reserved.checked_add(amount)?;
        Ok(())
    }

    /// A reserved fee is released; what becomes of it must be said at once.
    pub(crate) fn release(&mut self, amount: Uint128) -> Result<(), ContractError> {
        self.totals.reserved = self.totals.reserved.checked_sub(amount)?;
        Ok(())
    }

    /// Coins come into the keepers' pool.
    pub(crate) fn pool_in(&mut self, amount: Uint128) -> Result<(), ContractError> {
        if !amount.is_zero() {
            self.totals.pool = Some(self.totals.pool.unwrap_or_default().checked_add(amount)?);
        }
        Ok(())
    }

    /// Coins leave the keepers' pool; false, and none leave, where it does not hold as much.
    pub(crate) fn pool_out(&mut self, amount: Uint128) -> bool {
        match self.totals.pool.unwrap_or_default().checked_sub(amount) {
            Ok(left) => {
                self.totals.pool = Some(left);
                true
            }
            Err(_) => false,
        }
    }

    /// Coins come into a subscription's balance.
    pub(crate) fn subscription_in(&mut self, amount: Uint128) -> Result<(), ContractError> {
        if !amount.is_zero() {
            self.totals.subscriptions =
                Some(self.totals.subscriptions.unwrap_or_default().checked_add(amount)?);
        }
        Ok(())
    }

    /// Coins leave a subscription's balance.
    pub(crate) fn subscription_out(&mut self, amount: Uint128) -> Result<(), ContractError> {
        if !amount.is_zero() {
            self.totals.subscriptions =
                Some(self.totals.subscriptions.unwrap_or_default().checked_sub(amount)?);
        }
        Ok(())
    }

    /// Coins come into a schedule's budget.
    pub(crate) fn schedule_in(&mut self, amount: Uint128) -> Result<(), ContractError> {
        if !amount.is_zero() {
            self.totals.schedules = Some(self.totals.schedules.unwrap_or_default().checked_add(amount)?);
        }
        Ok(())
    }

    /// Coins leave a schedule's budget.
    pub(crate) fn schedule_out(&mut self, amount: Uint128) -> Result<(), ContractError> {
        if !amount.is_zero() {
            self.totals.schedules = Some(self.totals.schedules.unwrap_or_default().checked_sub(amount)?);
        }
        Ok(())
    }

    /// Pays a bounty out of the pool, or nothing where it does not hold as much.
    pub(crate) fn bounty(&mut self, to: &Addr, amount: Uint128) -> Result<Option<BountyPaid>, ContractError> {
        if amount.is_zero() || !self.pool_out(amount) {
            return Ok(None);
        }
        self.credit(to, amount)?;
        Ok(Some(BountyPaid { address: to.to_string(), amount }))
    }

    /// An address earns.
    pub(crate) fn credit(&mut self, address: &Addr, amount: Uint128) -> Result<(), ContractError> {
        if amount.is_zero() {
            return Ok(());
        }
        self.totals.claimable = self.totals.claimable.checked_add(amount)?;
        let entry = self.credits.entry(address.clone(), || Ok::<_, ContractError>(Uint128::zero()))?;
        *entry = entry.checked_add(amount)?;
        Ok(())
    }

    /// Writes everything.
    ///
    /// # Errors
    /// [`ContractError::Std`] where the storage fails, [`ContractError::Overflow`].
    pub(crate) fn close(self, storage: &mut dyn Storage) -> Result<(), ContractError> {
        for (address, amount) in &self.credits.into_entries() {
            let sum = claimable(storage, address)?.checked_add(*amount)?;
            CLAIMABLE.save(storage, address, &sum)?;
        }
        TOTALS.save(storage, &self.totals)
    }
}

/// Takes out everything an address may claim.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn take_claimable(storage: &mut dyn Storage, address: &Addr) -> Result<Uint128, ContractError> {
    let amount = claimable(storage, address)?;
    CLAIMABLE.remove(storage, address);
    let mut totals = totals(storage)?;
    totals.claimable = totals.claimable.checked_sub(amount)?;
    TOTALS.save(storage, &totals)?;
    Ok(amount)
}
