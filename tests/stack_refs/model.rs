//! What stack references are, in as few words as they can be said: sets of references that are open,
//! and counts of objects. Its rules are checked after every step.

use crate::outcome::{Expected, Mistake, Outcome};
use crate::program::{Op, Step};

const OBJECTS: usize = 3;
const REGISTERS: usize = 8;
const MOST_FRAMES: usize = 8;

/// What became of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Closed,
    Stolen,
    Left,
}

/// A reference that was made: its live count is 1 while it is open, and 0 otherwise.
#[derive(Clone, Debug)]
struct Reference {
    object: usize,
    state: State,
    is_borrow: bool,
    owner: Option<usize>,
    /// `None` for what was reported as leaked.
    frame: Option<usize>,
    created: i64,
    borrowed: i64,
    closed: i64,
}

/// What somebody wants with a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Any,
    Borrow,
    Close,
    Steal,
}

/// A machine without a C core. References are named by their index.
#[derive(Debug)]
pub(crate) struct Model {
    made: Vec<Reference>,
    /// References to objects that were taken, of either kind, less those given back.
    counts: [i64; OBJECTS],
    /// Those in CPython's words.
    raw: [i64; OBJECTS],
    refs: [Option<usize>; REGISTERS],
    borrows: [Option<usize>; REGISTERS],
    /// Where each frame was pushed: the thread, the one around the program, and the program's.
    frames: Vec<i64>,
    line: i64,
    reports: Vec<Expected>,
}

/// What a program does, and then what the end of the frame around it does.
pub(crate) fn run(program: &[Step]) -> Result<Vec<Outcome<Expected>>, String> {
    let mut model = Model {
        made: Vec::new(),
        counts: [0; OBJECTS],
        raw: [0; OBJECTS],
        refs: [None; REGISTERS],
        borrows: [None; REGISTERS],
        frames: vec![0, 0],
        line: 0,
        reports: Vec::new(),
    };
    let mut outcomes = Vec::new();
    for step in program {
        model.line += 1;
        let result = model.step(*step);
        outcomes.push(model.outcome(result)?);
    }
    model.line += 1;
    model.leave(1, None);
    let result = i64::from(model.refs[0].is_some());
    outcomes.push(model.outcome(result)?);
    Ok(outcomes)
}

impl Model {
    fn outcome(&mut self, result: i64) -> Result<Outcome<Expected>, String> {
        self.rules()?;
        Ok(Outcome {
            result,
            counts: self.counts,
            reports: std::mem::take(&mut self.reports),
        })
    }

    /// No count is negative, and counts are what is open: each reference once, borrows not at all.
    fn rules(&self) -> Result<(), String> {
        for object in 0..OBJECTS {
            let live = self.made.iter().filter(|made| {
                made.object == object && made.state == State::Open && !made.is_borrow
            });
            let live = live.count() as i64;
            if self.raw[object] < 0 || self.counts[object] != self.raw[object] + live {
                return Err(format!("object {object} of {self:?}"));
            }
        }
        Ok(())
    }

    fn step(&mut self, Step { op, a, b }: Step) -> i64 {
        let object = b % OBJECTS;
        match op {
            Op::New => {
                self.counts[object] += 1;
                self.refs[a] = Some(self.make(object));
            }
            Op::Incref => {
                self.counts[object] += 1;
                self.raw[object] += 1;
            }
            Op::Decref if self.raw[object] > 0 => {
                self.counts[object] -= 1;
                self.raw[object] -= 1;
            }
            Op::Take if self.raw[object] > 0 => {
                self.raw[object] -= 1;
                self.refs[a] = Some(self.make(object));
            }
            Op::Decref | Op::Take => {}
            Op::Lend => self.borrows[a] = Some(self.make_borrow(object, None)),
            Op::AsNew => {
                let found = self.object(self.refs[a], Use::Any);
                found.iter().for_each(|object| self.counts[*object] += 1);
                return self.gained(found);
            }
            Op::AsSteal => {
                let found = self.finish(self.refs[a], Use::Steal, State::Stolen);
                return self.gained(found);
            }
            Op::AsBorrow => return number(self.object(self.refs[a], Use::Borrow)),
            Op::Dup => self.refs[a] = self.dup(self.refs[b]),
            Op::Borrow => {
                let owner = self.refs[b];
                let found = self.object(owner, Use::Borrow);
                self.borrows[a] = found.map(|object| self.make_borrow(object, owner));
            }
            Op::Close => self.close(self.refs[a]),
            Op::Clear => {
                let cleared = self.refs[a].take();
                self.close(cleared);
            }
            Op::See => return number(self.object(self.borrows[a], Use::Any)),
            Op::Own => self.refs[a] = self.dup(self.borrows[b]),
            Op::End => drop(self.finish(self.borrows[a], Use::Close, State::Closed)),
            Op::Push => return self.push(),
            Op::Pop => return self.pop(a, b),
        }
        i64::from(self.refs[a].is_some())
    }

    fn make(&mut self, object: usize) -> usize {
        self.made.push(Reference {
            object,
            state: State::Open,
            is_borrow: false,
            owner: None,
            frame: Some(self.frames.len() - 1),
            created: self.line,
            borrowed: 0,
            closed: 0,
        });
        self.made.len() - 1
    }

    fn make_borrow(&mut self, object: usize, owner: Option<usize>) -> usize {
        let made = self.make(object);
        self.made[made].is_borrow = true;
        self.made[made].owner = owner;
        made
    }

    fn gained(&mut self, object: Option<usize>) -> i64 {
        object.iter().for_each(|object| self.raw[*object] += 1);
        number(object)
    }

    fn dup(&mut self, of: Option<usize>) -> Option<usize> {
        let object = self.object(of, Use::Any)?;
        self.counts[object] += 1;
        Some(self.make(object))
    }

    fn close(&mut self, reference: Option<usize>) {
        if let Some(object) = self.finish(reference, Use::Close, State::Closed) {
            self.counts[object] -= 1;
        }
    }

    /// The object, when this may be done with the reference.
    fn object(&mut self, reference: Option<usize>, wanted: Use) -> Option<usize> {
        let id = reference?;
        let (state, owner) = (self.made[id].state, self.made[id].owner);
        let lost = owner.filter(|owner| self.made[*owner].state != State::Open);
        let mistake = match (state, wanted) {
            (State::Open, Use::Close) => None,
            (State::Open, _) => lost.map(|owner| (Mistake::BorrowedAfterClose, owner)),
            (State::Closed, Use::Close) => Some((Mistake::ClosedTwice, id)),
            (State::Stolen, Use::Steal) => Some((Mistake::StolenTwice, id)),
            (_, Use::Borrow) => Some((Mistake::BorrowedAfterClose, id)),
            _ => Some((Mistake::UsedAfterClose, id)),
        };
        if let Some((mistake, about)) = mistake {
            let borrowed = vec![self.made[about].borrowed];
            self.complain(mistake, about, borrowed);
            return None;
        }
        if wanted == Use::Borrow {
            self.made[id].borrowed = self.line;
        }
        Some(self.made[id].object)
    }

    fn finish(&mut self, reference: Option<usize>, wanted: Use, state: State) -> Option<usize> {
        let object = self.object(reference, wanted)?;
        let id = reference?;
        let open = |made: &&Reference| made.state == State::Open && made.owner == Some(id);
        let borrows: Vec<i64> = self
            .made
            .iter()
            .filter(open)
            .map(|made| made.created)
            .collect();
        if !borrows.is_empty() {
            self.complain(Mistake::ClosedWhileBorrowed, id, borrows);
        }
        self.end(id, state);
        Some(object)
    }

    fn end(&mut self, id: usize, state: State) {
        self.made[id].state = state;
        self.made[id].closed = self.line;
    }

    fn complain(&mut self, mistake: Mistake, about: usize, borrowed: Vec<i64>) {
        let made = &self.made[about];
        self.reports.push(Expected {
            mistake,
            created: made.created,
            borrowed,
            closed: made.closed,
            found: self.line,
        });
    }

    fn push(&mut self) -> i64 {
        if self.frames.len() < MOST_FRAMES + 2 {
            self.frames.push(self.line);
        }
        self.depth()
    }

    /// How many frames the program has pushed.
    fn depth(&self) -> i64 {
        self.frames.len() as i64 - 2
    }

    fn pop(&mut self, index: usize, register: usize) -> i64 {
        if (index as i64) < self.depth() {
            let returned = self.refs[register];
            let kept = self.object(returned, Use::Any).and(returned);
            self.refs[register] = kept;
            self.leave(index + 2, kept);
        }
        self.depth()
    }

    /// Leaves a frame. At most the reference that is returned outlives it; whatever else is open is
    /// a leak.
    fn leave(&mut self, frame: usize, kept: Option<usize>) {
        if frame + 1 != self.frames.len() {
            self.reports.push(Expected {
                mistake: Mistake::Frame,
                created: self.frames[self.frames.len() - 1],
                borrowed: vec![0],
                closed: 0,
                found: self.line,
            });
        }
        let within: Vec<usize> = (0..self.made.len())
            .filter(|id| self.made[*id].state == State::Open)
            .filter(|id| self.made[*id].frame.is_some_and(|within| within >= frame))
            .collect();
        for id in within {
            if self.made[id].is_borrow {
                self.end(id, State::Left);
            } else if kept == Some(id) {
                self.made[id].frame = Some(frame - 1);
            } else {
                let borrowed = vec![self.made[id].borrowed];
                self.complain(Mistake::Leaked, id, borrowed);
                self.made[id].frame = None;
            }
        }
        self.frames.truncate(frame);
    }
}

fn number(object: Option<usize>) -> i64 {
    object.map_or(-1, |object| object as i64)
}
