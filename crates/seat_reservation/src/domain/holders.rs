//! Who holds seats of one section: one entry per living or sold hold, named by a small slot number
//! that the seats refer to.
//!
//! Never decides who may hold what. A slot number means nothing outside this process: it is neither
//! stored nor sent.

use kernel::{Timestamp, UserId, message::Hold};

/// The slot of a holder. A seat stores it as a number from 1, so that 0 is "nobody".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(u32);

impl Slot {
    /// The number that a seat stores for its holder; never 0.
    pub const fn stored(self) -> u32 {
        self.0 + 1
    }

    /// The holder behind a seat's stored number; none for 0.
    pub const fn of_stored(number: u32) -> Option<Self> {
        match number.checked_sub(1) {
            Some(slot) => Some(Self(slot)),
            None => None,
        }
    }
}

/// A hold, whose it is, since when, and whether it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    pub hold: Hold,
    pub buyer_id: UserId,
    pub at: Timestamp,
    pub sold: bool,
}

#[derive(Debug, Default)]
pub struct Holders {
    slots: Vec<Option<Holder>>,
    vacant: Vec<Slot>,
}

impl Holders {
    pub fn insert(&mut self, holder: Holder) -> Slot {
        if let Some(slot) = self.vacant.pop() {
            self.slots[slot.0 as usize] = Some(holder);
            return slot;
        }
        let slot = u32::try_from(self.slots.len())
            .unwrap_or_else(|_| unreachable!("a section has fewer holders than seats"));
        if self.slots.len() == self.slots.capacity() {
            // A quarter more rather than twice as much: most sections sell out, and stay so.
            self.slots.reserve_exact(self.slots.len() / 4 + 16);
        }
        self.slots.push(Some(holder));
        Slot(slot)
    }

    pub fn get(&self, slot: Slot) -> Option<&Holder> {
        self.slots.get(slot.0 as usize)?.as_ref()
    }

    pub fn get_mut(&mut self, slot: Slot) -> Option<&mut Holder> {
        self.slots.get_mut(slot.0 as usize)?.as_mut()
    }

    pub fn remove(&mut self, slot: Slot) -> Option<Holder> {
        let holder = self.slots.get_mut(slot.0 as usize)?.take();
        if holder.is_some() {
            self.vacant.push(slot);
        }
        holder
    }

    /// All holders, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = &Holder> {
        self.slots.iter().flatten()
    }
}
