//! The memory orders of `orders.h`, and how each can be weakened.

use std::cell::RefCell;
use std::sync::atomic::Ordering;

/// Name and order of each site, in the order of the file; the C core knows a site by its index.
pub const SITES: &[(&str, Ordering)] = include!(concat!(env!("OUT_DIR"), "/sites.rs"));

thread_local! {
    static ORDERS: RefCell<Vec<Ordering>> = RefCell::new(shipped());
}

fn shipped() -> Vec<Ordering> {
    SITES.iter().map(|(_, order)| *order).collect()
}

/// One site with an order that is weaker by one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weakening {
    /// The name as in `orders.h`, without `PYSHIM_ORDER_`.
    pub site: &'static str,
    /// What it is weakened to.
    pub order: Ordering,
}

/// The orders that are weaker by one step.
fn steps(order: Ordering) -> &'static [Ordering] {
    match order {
        Ordering::SeqCst => &[Ordering::AcqRel],
        Ordering::AcqRel => &[Ordering::Acquire, Ordering::Release],
        Ordering::Acquire | Ordering::Release => &[Ordering::Relaxed],
        _ => &[],
    }
}

/// Every site weakened by every single step.
pub fn weakenings() -> impl Iterator<Item = Weakening> {
    SITES.iter().flat_map(|(site, order)| {
        steps(*order).iter().map(|order| Weakening {
            site,
            order: *order,
        })
    })
}

/// Sets the orders of this thread's models.
pub fn apply(weakening: Option<Weakening>) {
    let mut orders = shipped();
    if let Some(weakening) = weakening {
        let index = SITES.iter().position(|(site, _)| *site == weakening.site);
        orders[index.expect("the site is in orders.h")] = weakening.order;
    }
    ORDERS.with(|cell| *cell.borrow_mut() = orders);
}

/// The order in force at a site.
pub fn order(site: usize) -> Ordering {
    ORDERS.with(|orders| orders.borrow()[site])
}
