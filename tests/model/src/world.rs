//! One run of a model: its threads, objects and cells, and loom's atomics by address.
//!
//! All of it is made in the main thread before the others start, so that loom sees the same objects
//! in every run. loom runs the threads of a model as coroutines of one real thread, so a world is
//! found through a thread-local.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use loom::cell::UnsafeCell;
use loom::sync::Mutex;
use loom::sync::atomic::AtomicUsize;
use loom::thread::{JoinHandle, ThreadId};

use crate::core;
use crate::object::{Kind, Obj, Object};
use crate::parking::Parking;

thread_local! {
    static WORLD: Cell<Option<&'static World>> = const { Cell::new(None) };
}

/// The world of the model that runs.
pub fn world() -> &'static World {
    WORLD.get().expect("a model runs")
}

/// An address that the C core treats as atomic.
pub(crate) enum Atom {
    /// Any thread's.
    Shared(AtomicUsize),
    /// `ob_tid` and `ob_ref_local`. Only the owner acts on what they say, and it always reads what
    /// it wrote itself; another thread finds that it is not the owner, however old the value is. So
    /// nothing is lost by not exploring old values.
    Owners(Cell<usize>),
}

/// What a model starts with.
#[derive(Default)]
pub struct Plan {
    /// The objects; each begins with one reference.
    pub objects: Vec<Kind>,
    /// The cells, each empty or with an object, whose first reference it gets.
    pub cells: Vec<Option<usize>>,
    /// For each thread from 1 on, the slot where its search begins.
    pub homes: Vec<usize>,
    /// Slots of the first block whose holders were lost in a fork, with the object they wanted.
    pub lost: Vec<(usize, usize)>,
    /// Blocks that can be added.
    pub spare_blocks: usize,
    /// Plain places that the core publishes pointers in, or locks.
    pub places: usize,
    /// Things to initialise once.
    pub onces: usize,
}

struct Block {
    address: usize,
    size: usize,
    /// Written when the block is allocated, read by whoever touches it.
    zeroed: Option<UnsafeCell<()>>,
}

/// See the module.
pub struct World {
    atoms: HashMap<usize, Atom>,
    objects: HashMap<usize, Object>,
    addresses: Vec<usize>,
    cells: Vec<usize>,
    blocks: Vec<Block>,
    allocated: Cell<usize>,
    thread_ids: Vec<usize>,
    threads: RefCell<HashMap<ThreadId, usize>>,
    queue: Mutex<Vec<usize>>,
    places: Vec<usize>,
    onces: Vec<core::Once>,
    parking: Parking,
    lost: Vec<usize>,
    /// Keeps what the addresses above point into.
    _memory: Vec<Box<[usize]>>,
}

impl World {
    /// Makes the world of this run.
    pub fn start(plan: &Plan) -> &'static World {
        let mut memory = Vec::new();
        let mut room = |words: usize| {
            memory.push(vec![0; words].into_boxed_slice());
            memory[memory.len() - 1].as_ptr() as usize
        };
        let mut atoms = HashMap::new();
        let shared = |value| Atom::Shared(AtomicUsize::new(value));

        let thread_ids = core::thread_ids(&plan.homes);
        let mut objects = HashMap::new();
        let mut addresses = Vec::new();
        for kind in &plan.objects {
            // Aligned as CPython's are, which is more than the core asks.
            let address = (room(16) + 15) & !15;
            addresses.push(address);
            objects.insert(address, Object::new(*kind));
            if let Kind::Biased { owner } = kind {
                let fields = core::fields(address);
                atoms.insert(fields.tid, Atom::Owners(Cell::new(thread_ids[*owner])));
                atoms.insert(fields.local, Atom::Owners(Cell::new(1)));
                atoms.insert(fields.shared, shared(0));
            }
        }
        let mut cells = Vec::new();
        for content in &plan.cells {
            let address = room(2);
            cells.push(address);
            atoms.insert(
                address,
                shared(content.map_or(0, |object| addresses[object])),
            );
        }
        let mut places = Vec::new();
        for _ in 0..plan.places {
            let address = room(1);
            places.push(address);
            atoms.insert(address, shared(0));
        }
        let mut onces = Vec::new();
        for _ in 0..plan.onces {
            let once = core::Once(room(4));
            onces.push(once);
            atoms.extend(once.atoms().map(|address| (address, shared(0))));
        }
        if plan.places + plan.onces > 0 {
            let known = |(word, function)| (word, shared(function));
            atoms.extend(core::slow_words().map(known));
        }
        atoms.insert(core::table_place(), shared(core::stubs()));

        let size = core::block_size();
        let mut blocks = vec![Block {
            address: core::first_block(),
            size,
            zeroed: None,
        }];
        for _ in 0..plan.spare_blocks {
            let address = room(size / size_of::<usize>() + 1);
            blocks.push(Block {
                address,
                size,
                zeroed: Some(UnsafeCell::new(())),
            });
        }
        let mut lost = Vec::new();
        for (number, block) in blocks.iter().enumerate() {
            let claims = if number == 0 {
                plan.lost.as_slice()
            } else {
                &[]
            };
            let used = claims.iter().fold(0, |mask, (slot, _)| mask | 1 << slot);
            atoms.insert(core::block_used(block.address), shared(used));
            atoms.insert(core::block_next(block.address), shared(0));
            for slot in 0..core::slot_count() {
                let address = core::block_slot(block.address, slot);
                let claim = claims.iter().find(|(claimed, _)| *claimed == slot);
                let value = claim.map_or(0, |(_, object)| addresses[*object]);
                if claim.is_some() {
                    lost.push(address);
                }
                atoms.insert(address, shared(value));
            }
        }

        let world = Box::leak(Box::new(World {
            atoms,
            objects,
            addresses,
            cells,
            blocks,
            allocated: Cell::new(1),
            thread_ids,
            threads: RefCell::new(HashMap::from([(loom::thread::current().id(), 0)])),
            queue: Mutex::new(Vec::new()),
            places,
            onces,
            parking: Parking::new(plan.homes.len() + 1),
            lost,
            _memory: memory,
        }));
        WORLD.set(Some(world));
        world
    }

    /// Starts thread `number`, of which `Plan::homes` has the slot.
    pub fn spawn<T: 'static>(
        &'static self,
        number: usize,
        body: impl FnOnce() -> T + 'static,
    ) -> JoinHandle<T> {
        loom::thread::spawn(move || {
            self.threads
                .borrow_mut()
                .insert(loom::thread::current().id(), number);
            let result = body();
            self.merge_queued(Some(number));
            result
        })
    }

    /// Ends the run: empties the cells, and demands that every object is dead, every slot free, and
    /// no reference left over. Threads must have been joined.
    pub fn finish(&'static self) {
        for cell in 0..self.cells.len() {
            if let Some(object) = self.cell(cell).swap(None) {
                object.decref();
            }
        }
        for slot in &self.lost {
            let value = self
                .atomic(*slot)
                .swap(0, std::sync::atomic::Ordering::AcqRel);
            if value & 1 == 1 {
                Obj(value & !1).decref(); // what a fork costs at most
            }
        }
        self.merge_queued(None);
        for (address, object) in &self.objects {
            object.expect_dead(*address);
        }
        for block in &self.blocks[..self.allocated.get()] {
            for slot in 0..core::slot_count() {
                let address = core::block_slot(block.address, slot);
                let value = self
                    .atomic(address)
                    .load(std::sync::atomic::Ordering::Acquire);
                assert_eq!(value, 0, "slot {slot} is still claimed");
            }
        }
        WORLD.set(None);
        // SAFETY: `start` leaked the box, no reference is used after this, and only a run that
        // panicked, which leaks its world, does not come here.
        drop(unsafe { Box::from_raw(std::ptr::from_ref(self).cast_mut()) });
    }

    /// A cell.
    pub fn cell(&self, index: usize) -> core::AtomicRef {
        core::AtomicRef(self.cells[index])
    }

    /// An object.
    pub fn object(&self, index: usize) -> Obj {
        Obj(self.addresses[index])
    }

    /// A place for published pointers.
    pub fn place(&self, index: usize) -> usize {
        self.places[index]
    }

    /// Something to initialise.
    pub fn once(&self, index: usize) -> core::Once {
        self.onces[index]
    }

    pub(crate) fn parking(&self) -> &Parking {
        &self.parking
    }

    pub(crate) fn state(&self, object: Obj) -> &Object {
        self.objects
            .get(&object.0)
            .expect("an object of this model")
    }

    /// The number of the calling thread.
    pub(crate) fn thread(&self) -> usize {
        let id = loom::thread::current().id();
        *self
            .threads
            .borrow()
            .get(&id)
            .expect("a thread of this model")
    }

    /// The calling thread's id as the core sees it.
    pub(crate) fn thread_id(&self) -> usize {
        self.thread_ids[self.thread()]
    }

    pub(crate) fn atom(&self, address: usize) -> &Atom {
        for block in &self.blocks {
            if let Some(zeroed) = &block.zeroed
                && (block.address..block.address + block.size).contains(&address)
            {
                zeroed.with(|_| ());
            }
        }
        self.atoms.get(&address).expect("an atomic of this model")
    }

    pub(crate) fn atomic(&self, address: usize) -> &AtomicUsize {
        match self.atom(address) {
            Atom::Shared(atomic) => atomic,
            Atom::Owners(_) => panic!("only the owner's"),
        }
    }

    /// A word that only its owner writes.
    pub(crate) fn owners(&self, address: usize) -> &Cell<usize> {
        match self.atom(address) {
            Atom::Owners(cell) => cell,
            Atom::Shared(_) => panic!("not only the owner's"),
        }
    }

    /// The next spare block, which nobody but the caller knows.
    pub(crate) fn allocate_block(&self) -> usize {
        let number = self.allocated.get();
        self.allocated.set(number + 1);
        let block = self
            .blocks
            .get(number)
            .expect("the plan has enough spare blocks");
        if let Some(zeroed) = &block.zeroed {
            zeroed.with_mut(|_| ());
        }
        block.address
    }

    /// Leaves an object to its owner, as `_Py_brc_queue_object` does.
    pub(crate) fn enqueue(&self, object: Obj) {
        self.queue.lock().expect("not poisoned").push(object.0);
    }

    /// Merges the objects that were left to a thread; to all, when none is named.
    fn merge_queued(&self, owner: Option<usize>) {
        let mut mine = Vec::new();
        self.queue.lock().expect("not poisoned").retain(|address| {
            let is_mine = owner.is_none() || owner == self.state(Obj(*address)).owner();
            if is_mine {
                mine.push(Obj(*address));
            }
            !is_mine
        });
        for object in mine {
            object.merge();
        }
    }
}
