//! Rounds and epochs, opened by some account's `Tick`.

use gateway_api::{
    BeaconResponse, ConfigResponse, CounterResponse, ExecuteMsg, QueryMsg, RoundResponse, Seed,
};

use crate::chain::{DOMAIN, TestChain, account};

/// Block times searched for one that gives a desired seed.
const TIMES: u64 = 100_000;

impl TestChain {
    /// Returns the contract's counter.
    pub fn counter(&self) -> CounterResponse {
        self.ask(&QueryMsg::Counter {})
    }

    /// Returns the seed of the current epoch.
    pub fn epoch_seed(&self) -> Seed {
        self.ask::<BeaconResponse>(&QueryMsg::Beacon {}).seed
    }

    /// Returns the newest round.
    pub fn newest_round(&self) -> RoundResponse {
        self.ask(&QueryMsg::Round { round: self.counter().round })
    }

    pub(crate) fn is_tick_due(&self) -> bool {
        let counter = self.counter();
        counter.request_waiting || counter.tick_due
    }

    /// Opens the next round in the next block. What was pending for that block gets its own block first, so that the round
    /// draws it.
    pub fn draw(&self) {
        self.draw_where(|_| true);
    }

    /// Opens a round whose seed satisfies `wish`, by choosing the block's time.
    pub fn draw_where(&self, wish: impl Fn(&Seed) -> bool) {
        if !self.included.lock().unwrap().is_empty() {
            self.commit();
        }
        let (epoch_seed, before) = (self.epoch_seed(), self.newest_round().seed);
        let height = self.height() + 1;
        let earliest = height * 1_000_000_000;
        let fits = |time: &u64| wish(&DOMAIN.round_seed(&epoch_seed, &before, height, *time));
        let time = (earliest..earliest + TIMES).find(fits).expect("a time that gives such a seed");
        self.ledger.set_next_time(time);
        self.include(&account("keeper"), &ExecuteMsg::Tick {}, 0);
    }

    /// Makes blocks until the next epoch has begun.
    pub fn next_epoch(&self) {
        let config: ConfigResponse = self.ask(&QueryMsg::Config {});
        let begins = self.counter().epoch_height + config.settings.epoch_blocks;
        while self.height() + 1 < begins {
            self.commit();
        }
        self.send(&account("keeper"), &ExecuteMsg::Tick {}, 0);
    }
}
