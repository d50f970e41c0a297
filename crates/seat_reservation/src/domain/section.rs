//! A section that is open: its plan, the price in force, and the state of its seats.
//!
//! Promises: seats change hands only through a holder; free + reserved + sold is always the
//! capacity; the search for a row costs the same however many seats are taken. Never: chooses seats
//! (`best_available`, `manual` do).

use kernel::{EventId, SeatPlace, message::SectionOpened, plan::SectionOutline, topic::Lane};

use super::{
    holders::{Holder, Holders, Slot},
    run_index::RunIndex,
    subsection::Subsection,
};

#[derive(Debug)]
pub struct Section {
    pub event_id: EventId,
    pub lane: Lane,
    /// With the price in force.
    pub outline: SectionOutline,
    /// How many grants there were; the number of the latest hold.
    pub version: u64,
    capacity: u32,
    counts: Counts,
    /// The longest run of each subsection.
    runs: RunIndex,
    /// As in the outline.
    subsections: Vec<Subsection>,
    holders: Holders,
}

/// A section's seats by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub free: u32,
    pub reserved: u32,
    pub sold: u32,
}

/// A row by its place in the plan, both counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowAt {
    pub subsection: usize,
    pub row: usize,
}

impl Section {
    /// A section with all its seats free. The outline must be one that the limits allow.
    pub fn open(opened: SectionOpened) -> Self {
        let capacity = opened.section.seats();
        let subsections: Vec<_> = opened.section.subsections.iter().copied().map(Subsection::new).collect();
        Self {
            event_id: opened.event_id,
            lane: opened.lane,
            version: 0,
            capacity,
            counts: Counts { free: capacity, reserved: 0, sold: 0 },
            runs: RunIndex::new(subsections.iter().map(Subsection::longest_run).collect()),
            subsections,
            holders: Holders::default(),
            outline: opened.section,
        }
    }

    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    pub fn subsections(&self) -> &[Subsection] {
        &self.subsections
    }

    pub fn holders(&self) -> &Holders {
        &self.holders
    }

    /// The index of the subsection with this number.
    pub fn subsection_at(&self, number: u16) -> Option<usize> {
        self.outline.subsections.binary_search_by_key(&number, |subsection| subsection.number).ok()
    }

    /// Free seats of one subsection, or of all.
    pub fn free_in(&self, subsection: Option<usize>) -> u32 {
        subsection.map_or(self.counts.free, |at| self.subsections[at].free())
    }

    /// The first row, in the order (subsection, row), with a run of `length` free seats; only of
    /// one subsection if one is named.
    pub fn first_row(&self, subsection: Option<usize>, length: u8) -> Option<RowAt> {
        let subsection = subsection.or_else(|| self.runs.first(length))?;
        let row = self.subsections[subsection].first_row(length)?;
        Some(RowAt { subsection, row })
    }

    /// Whether the seat is in the plan and free.
    pub fn is_free(&self, place: SeatPlace) -> bool {
        self.outline.contains(place)
            && self.row_at(place).is_some_and(|at| {
                self.subsections[at.subsection].is_free(at.row, usize::from(place.seat) - 1)
            })
    }

    /// The holder of a seat; none when it is free or not in the plan.
    pub fn holder_of(&self, place: SeatPlace) -> Option<Slot> {
        let at = self.row_at(place)?;
        let seat = usize::from(place.seat).checked_sub(1)?;
        let owners = self.subsections[at.subsection].owners(at.row);
        owners.get(seat).copied().and_then(Slot::of_stored)
    }

    /// The row of a seat that is in the plan.
    pub fn row_at(&self, place: SeatPlace) -> Option<RowAt> {
        let subsection = self.subsection_at(place.subsection)?;
        let row = usize::from(place.row).checked_sub(1)?;
        (place.row <= self.outline.subsections[subsection].rows).then_some(RowAt { subsection, row })
    }

    /// Makes a new holder, who has no seats yet.
    pub fn add_holder(&mut self, holder: Holder) -> Slot {
        self.holders.insert(holder)
    }

    /// Gives the left-most run of `length` free seats in the row to the holder and says which they
    /// are.
    pub fn take_first_run(
        &mut self,
        at: RowAt,
        length: u8,
        slot: Slot,
    ) -> impl Iterator<Item = SeatPlace> + use<> {
        let first = self.subsections[at.subsection].first_run(at.row, length);
        let first = first.unwrap_or_else(|| unreachable!("SEAT-5: the index names a row with such a run"));
        self.take(at, first, usize::from(length), slot);
        let (subsection, row) = (self.subsections[at.subsection].outline().number, number(at.row));
        (first..first + usize::from(length)).map(move |seat| SeatPlace {
            subsection,
            row,
            seat: number(seat),
        })
    }

    /// Gives one seat, which must be in the plan and free, to the holder.
    pub fn take_seat(&mut self, place: SeatPlace, slot: Slot) {
        let at = self.row_at(place).unwrap_or_else(|| unreachable!("the seat is in the plan"));
        self.take(at, usize::from(place.seat) - 1, 1, slot);
    }

    /// Marks a row as stored, although nobody may hold it now.
    pub fn touch(&mut self, at: RowAt) {
        self.subsections[at.subsection].touch(at.row);
    }

    /// Frees all the seats of a reserved hold and removes the holder.
    pub fn release(&mut self, slot: Slot, seats: &[SeatPlace]) {
        let holder = self.holders.remove(slot);
        assert!(holder.is_some_and(|holder| !holder.sold), "SEAT-3: only a reserved hold is released");
        for &place in seats {
            let at = self.row_at(place).unwrap_or_else(|| unreachable!("a granted seat is in the plan"));
            let subsection = &mut self.subsections[at.subsection];
            subsection.give_back(at.row, usize::from(place.seat) - 1, slot);
            self.runs.set(at.subsection, subsection.longest_run());
            self.counts.reserved -= 1;
            self.counts.free += 1;
        }
    }

    /// Makes a reserved hold of that many seats sold.
    pub fn sell(&mut self, slot: Slot, seats: usize) {
        let holder = self.holders.get_mut(slot).filter(|holder| !holder.sold);
        let Some(holder) = holder else { unreachable!("SEAT-3: only a reserved hold is sold") };
        holder.sold = true;
        let seats = count(seats);
        self.counts.reserved -= seats;
        self.counts.sold += seats;
    }

    fn take(&mut self, at: RowAt, first: usize, length: usize, slot: Slot) {
        let sold = self.holders.get(slot).is_some_and(|holder| holder.sold);
        let subsection = &mut self.subsections[at.subsection];
        subsection.take(at.row, first, length, slot);
        self.runs.set(at.subsection, subsection.longest_run());
        let seats = count(length);
        self.counts.free -= seats;
        *(if sold { &mut self.counts.sold } else { &mut self.counts.reserved }) += seats;
    }

    /// Whether the index of subsections says what they say.
    pub fn index_agrees(&self) -> bool {
        self.subsections.iter().enumerate().all(|(at, s)| self.runs.get(at) == s.longest_run())
    }
}

/// From a count from 0 to a number from 1.
pub fn number(at: usize) -> u16 {
    u16::try_from(at + 1).unwrap_or_else(|_| unreachable!("rows and seats number at most 1,000"))
}

fn count(seats: usize) -> u32 {
    u32::try_from(seats).unwrap_or_else(|_| unreachable!("a section has at most 500,000 seats"))
}
