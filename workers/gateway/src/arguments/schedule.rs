//! The grammar of `gateway schedule`.

use clap::{Args, Subcommand};

use super::amount::amount;
use super::{ChainOptions, OverrideOptions};

/// A command on schedules.
#[derive(Debug, Args)]
pub(crate) struct Schedule {
    #[command(subcommand)]
    pub action: ScheduleAction,
    #[command(flatten)]
    pub chain: ChainOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleAction {
    /// Creates a schedule and prints its number.
    Create(NewSchedule),
    /// Lists the schedules that have not ended.
    List {
        /// Start after this number.
        #[arg(long)]
        after: Option<u64>,
        /// Maximum number to list, 1 to 100.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Shows a schedule: its request, next firing, remaining budget, and how many firings it opened and missed.
    Show {
        /// The schedule.
        schedule: u64,
    },
    /// Lists the outcomes of a schedule's firings from a relay's database, also after the schedule has ended.
    History {
        /// The schedule.
        schedule: u64,
        /// Base address of the relay, instead of the network's.
        #[arg(long)]
        relay: Option<String>,
        /// Start after this entry: the `next` of the previous page.
        #[arg(long)]
        after: Option<u64>,
        /// Maximum number of entries, 1 to 100.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Adds to a schedule's budget. For anybody.
    Fund {
        /// The schedule.
        schedule: u64,
        /// Coins, in the smallest unit.
        #[arg(value_parser = amount)]
        amount: u128,
    },
    /// Ends a schedule and refunds the rest of its budget. For its owner.
    Cancel {
        /// The schedule.
        schedule: u64,
    },
    /// Runs schedules that are due, as a keeper does; who runs them earns the settings' bounty.
    Run {
        /// The schedules; those that are not due are skipped. [default: those that are due for longest]
        schedules: Vec<u64>,
    },
}

/// A new schedule.
#[derive(Debug, Args)]
pub(crate) struct NewSchedule {
    /// The project that is asked.
    pub project: u64,
    /// The input of each request, a JSON text.
    #[arg(long, default_value = "null", allow_hyphen_values = true)]
    pub input: String,
    /// Height of the first firing. [default: the next block]
    #[arg(long, conflicts_with = "in_blocks")]
    pub at: Option<u64>,
    /// Blocks from now to the first firing, instead of its height.
    #[arg(long)]
    pub in_blocks: Option<u64>,
    /// Blocks from one firing to the next, 1 to 10000000. [default: it fires once]
    #[arg(long)]
    pub every_blocks: Option<u64>,
    /// Last height at which a keeper may open a request: leave some blocks after the last firing, because keepers come a few blocks after
    /// a firing is due. [default: without end, as long as the budget reaches; one step after the last of --firings]
    #[arg(long, requires = "every_blocks")]
    pub until: Option<u64>,
    /// Coins that pay for the firings, in the smallest unit; what requests do not use returns to them. [default: what one firing costs,
    /// or --firings of them]
    #[arg(long, value_parser = amount)]
    pub budget: Option<u128>,
    /// Number of firings to fund; the schedule ends after them.
    #[arg(long, conflicts_with = "budget", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub firings: Option<u64>,
    /// The subscription that pays instead; the account must be one of its consumers.
    #[arg(long, conflicts_with_all = ["budget", "firings"])]
    pub subscription: Option<u64>,
    #[command(flatten)]
    pub overrides: OverrideOptions,
}
