//! Counts the occupants of a bounded number of places, in total and by address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// A bounded number of places. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Occupancy {
    most: usize,
    most_each: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<IpAddr, usize>,
}

/// A taken place; dropping it frees the place.
#[derive(Debug)]
pub struct Place {
    taken: Arc<Mutex<Taken>>,
    address: IpAddr,
}

impl Occupancy {
    /// Creates `most` places in total, of which one address may take `most_each`.
    #[must_use]
    pub fn new(most: usize, most_each: usize) -> Self {
        Self { most, most_each, taken: Arc::default() }
    }

    /// Takes a place; `None` if all are taken, or all that one address may take.
    #[must_use]
    pub fn enter(&self, address: IpAddr) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.by.get(&address).copied().unwrap_or_default();
        if taken.all >= self.most || own >= self.most_each {
            return None;
        }
        taken.all += 1;
        taken.by.insert(address, own + 1);
        Some(Place { taken: self.taken.clone(), address })
    }

    /// Returns how many places are taken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        let left = taken.by.get(&self.address).map_or(0, |own| own.saturating_sub(1));
        if left == 0 {
            taken.by.remove(&self.address);
        } else {
            taken.by.insert(self.address, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_in_all_and_for_each_address_and_free_again() {
        let [a, b] = [IpAddr::from([1, 1, 1, 1]), IpAddr::from([2, 2, 2, 2])];
        let places = Occupancy::new(3, 2);
        let first = (places.enter(a).unwrap(), places.enter(a).unwrap());
        assert!(places.enter(a).is_none(), "one address may not take all");
        let _third = places.enter(b).unwrap();
        assert!(places.enter(b).is_none(), "all are taken");
        drop(first);
        assert_eq!(places.count(), 1);
        assert!(places.enter(a).is_some());
    }
}
