//! What the buyers believe about the seats: a shared map that lags behind the truth, and which
//! sections and subsections have answered that nothing is left.
//!
//! Promises nothing about freshness: it only learns from answers, and that is the point, since
//! picks from a stale map are what makes conflicts. Lock-free; never talks to the server.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::outline::{EventAnswer, Outline, SeatPlace};

/// The buyers' shared belief about one event.
#[derive(Debug)]
pub(super) struct Market {
    taken: Vec<AtomicBool>,
    sections: Vec<SectionBelief>,
}

#[derive(Debug)]
struct SectionBelief {
    sold_out: AtomicBool,
    subsections: Vec<AtomicBool>,
}

impl Market {
    /// Everything free, nothing sold out.
    pub(super) fn new(outline: &Outline) -> Self {
        let flags = |n: usize| std::iter::repeat_with(|| AtomicBool::new(false)).take(n).collect::<Vec<_>>();
        let belief = |blocks| SectionBelief { sold_out: AtomicBool::new(false), subsections: flags(blocks) };
        Self {
            taken: flags(outline.capacity() as usize),
            sections: outline.sections.iter().map(|section| belief(section.subsections.len())).collect(),
        }
    }

    /// Does the map show this seat as free?
    pub(super) fn looks_free(&self, place: SeatPlace) -> bool {
        !self.taken[place.index()].load(Relaxed)
    }

    /// Someone has this seat.
    pub(super) fn take(&self, place: SeatPlace) {
        self.taken[place.index()].store(true, Relaxed);
    }

    /// This seat came back.
    pub(super) fn give_back(&self, place: SeatPlace) {
        self.taken[place.index()].store(false, Relaxed);
    }

    /// Nothing is left in the section, or in one subsection of it; a section whose
    /// subsections are all sold out is sold out.
    pub(super) fn sold_out(&self, section: usize, subsection: Option<usize>) {
        let belief = &self.sections[section];
        if let Some(subsection) = subsection {
            belief.subsections[subsection].store(true, Relaxed);
            if !belief.subsections.iter().all(|flag| flag.load(Relaxed)) {
                return;
            }
        }
        belief.sold_out.store(true, Relaxed);
    }

    /// May this section still have seats?
    pub(super) fn section_open(&self, section: usize) -> bool {
        !self.sections[section].sold_out.load(Relaxed)
    }

    /// May this subsection still have seats?
    pub(super) fn subsection_open(&self, section: usize, subsection: usize) -> bool {
        !self.sections[section].subsections[subsection].load(Relaxed)
    }

    /// Believes the counts of a fresh answer: whatever has seats is open again.
    /// Returns whether anything was opened.
    pub(super) fn reopen(&self, event: &EventAnswer) -> bool {
        let mut opened = false;
        for (belief, answer) in self.sections.iter().zip(&event.sections) {
            for (flag, block) in belief.subsections.iter().zip(&answer.subsections) {
                if block.available > 0 {
                    flag.store(false, Relaxed);
                    belief.sold_out.store(false, Relaxed);
                    opened = true;
                }
            }
        }
        opened
    }
}

#[cfg(test)]
mod tests {
    use super::super::outline::tests::small;
    use super::*;

    #[test]
    fn a_section_is_sold_out_when_it_says_so_or_all_its_subsections_do() {
        let market = Market::new(&small());
        market.sold_out(0, Some(0));
        assert!(market.section_open(0) && !market.subsection_open(0, 0) && market.subsection_open(0, 1));
        market.sold_out(0, Some(1));
        assert!(!market.section_open(0) && market.section_open(1));
        market.sold_out(1, None);
        assert!(!market.section_open(1));
    }
}
