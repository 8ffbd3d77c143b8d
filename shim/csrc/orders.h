/* SPDX-License-Identifier: 0BSD */
/* Every memory order of the C core, one name for each place that uses it.
 *
 * Each comment names the partner: the place on the other side for which the order is there. What is
 * stronger than relaxed is proven needed: tests/model weakens every site by every single step and
 * demands that a model, or ThreadSanitizer, finds the damage. A site can be overridden from the
 * command line, which is how those tests do it. */
#ifndef PYSHIM_CORE_ORDERS_H
#define PYSHIM_CORE_ORDERS_H

#include "atomics.h" /* PYSHIM_RELAXED to PYSHIM_SEQ_CST */

/* The first look at a cell. Partner: CELL_SWAP, CELL_EXCHANGE. An empty cell is believed at once, so
 * this acquires what came before it was emptied; a value is looked at again by CELL_VALIDATE. */
#ifndef PYSHIM_ORDER_CELL_READ
#define PYSHIM_ORDER_CELL_READ PYSHIM_ACQUIRE
#endif

/* The second look, with a slot claimed. Partner: CELL_SWAP, CELL_EXCHANGE. Acquires the object: the
 * first look may have seen another one at the same address. */
#ifndef PYSHIM_ORDER_CELL_VALIDATE
#define PYSHIM_ORDER_CELL_VALIDATE PYSHIM_ACQUIRE
#endif

/* Replacing a value. Releases the new object to CELL_READ and CELL_VALIDATE; acquires the old one,
 * or what came before the cell was emptied, from the CELL_SWAP or CELL_EXCHANGE before it. */
#ifndef PYSHIM_ORDER_CELL_SWAP
#define PYSHIM_ORDER_CELL_SWAP PYSHIM_ACQ_REL
#endif

/* Replacing a value that is the expected one. Partners as for CELL_SWAP. */
#ifndef PYSHIM_ORDER_CELL_EXCHANGE
#define PYSHIM_ORDER_CELL_EXCHANGE PYSHIM_ACQ_REL
#endif

/* Relaxed: all that the caller learns is that the value was another. */
#ifndef PYSHIM_ORDER_CELL_EXCHANGE_LOST
#define PYSHIM_ORDER_CELL_EXCHANGE_LOST PYSHIM_RELAXED
#endif

/* Relaxed: the collector has stopped the other threads, and that ordered everything; and who
 * compares an address reads nothing through it. */
#ifndef PYSHIM_ORDER_CELL_PEEK
#define PYSHIM_ORDER_CELL_PEEK PYSHIM_RELAXED
#endif

/* Relaxed: the two fences order it. A reader that finds the bit set by another has seen it before
 * its own fence, so a writer whose fence comes later sees it too (C++20, [atomics.order] 4). */
#ifndef PYSHIM_ORDER_HAZARD_USED_CHECK
#define PYSHIM_ORDER_HAZARD_USED_CHECK PYSHIM_RELAXED
#endif

/* Relaxed: as HAZARD_USED_CHECK. */
#ifndef PYSHIM_ORDER_HAZARD_USED_SET
#define PYSHIM_ORDER_HAZARD_USED_SET PYSHIM_RELAXED
#endif

/* Relaxed: as HAZARD_USED_CHECK, from the writer's side. */
#ifndef PYSHIM_ORDER_HAZARD_USED_SCAN
#define PYSHIM_ORDER_HAZARD_USED_SCAN PYSHIM_RELAXED
#endif

/* Relaxed: HAZARD_CLAIM_FENCE makes the claim known, and nothing that the last holder did matters
 * to this one. Being a read-modify-write it continues the release sequence of HAZARD_CLEAR. */
#ifndef PYSHIM_ORDER_HAZARD_CLAIM
#define PYSHIM_ORDER_HAZARD_CLAIM PYSHIM_RELAXED
#endif

/* Relaxed: another holds the slot, and the search goes on. */
#ifndef PYSHIM_ORDER_HAZARD_CLAIM_LOST
#define PYSHIM_ORDER_HAZARD_CLAIM_LOST PYSHIM_RELAXED
#endif

/* Between claiming a slot and CELL_VALIDATE. Partner: HAZARD_SCAN_FENCE. Each side writes one word
 * and reads the other's; without both fences each could miss what the other wrote. */
#ifndef PYSHIM_ORDER_HAZARD_CLAIM_FENCE
#define PYSHIM_ORDER_HAZARD_CLAIM_FENCE PYSHIM_SEQ_CST
#endif

/* Between replacing a value and HAZARD_SCAN. Partner: HAZARD_CLAIM_FENCE. */
#ifndef PYSHIM_ORDER_HAZARD_SCAN_FENCE
#define PYSHIM_ORDER_HAZARD_SCAN_FENCE PYSHIM_SEQ_CST
#endif

/* The writer's look at a slot. Partner: HAZARD_CLEAR. Where the reader is out, its increment has to
 * be seen before the cell's reference is dropped: the owner of an object that sees no shared count
 * frees it without looking twice. */
#ifndef PYSHIM_ORDER_HAZARD_SCAN
#define PYSHIM_ORDER_HAZARD_SCAN PYSHIM_ACQUIRE
#endif

/* Leaving a reference in a slot. Partner: HAZARD_CLEAR, which acquires that increment. It need not
 * acquire: what the holder before the last one did, HAZARD_SCAN or the holder's HAZARD_CLEAR has
 * acquired, and the increment of this gift keeps the owner's count above zero until the holder
 * gives it back. */
#ifndef PYSHIM_ORDER_HAZARD_GIFT
#define PYSHIM_ORDER_HAZARD_GIFT PYSHIM_RELEASE
#endif

/* The reader left in between. Partner: HAZARD_CLEAR, as for HAZARD_SCAN. */
#ifndef PYSHIM_ORDER_HAZARD_GIFT_LOST
#define PYSHIM_ORDER_HAZARD_GIFT_LOST PYSHIM_ACQUIRE
#endif

/* The reader leaves. Releases its own increment to HAZARD_SCAN and HAZARD_GIFT_LOST; acquires the
 * writer's from HAZARD_GIFT, without which an owner that drops the gift could see no shared count. */
#ifndef PYSHIM_ORDER_HAZARD_CLEAR
#define PYSHIM_ORDER_HAZARD_CLEAR PYSHIM_ACQ_REL
#endif

/* A reader's way to the next block. Partner: HAZARD_NEXT_PUBLISH, which releases zeroed slots. */
#ifndef PYSHIM_ORDER_HAZARD_NEXT_READ
#define PYSHIM_ORDER_HAZARD_NEXT_READ PYSHIM_ACQUIRE
#endif

/* Partner: HAZARD_NEXT_READ, HAZARD_NEXT_SCAN and HAZARD_NEXT_LOST. */
#ifndef PYSHIM_ORDER_HAZARD_NEXT_PUBLISH
#define PYSHIM_ORDER_HAZARD_NEXT_PUBLISH PYSHIM_RELEASE
#endif

/* Another reader added the block, and this one goes on to it. Partner: HAZARD_NEXT_PUBLISH. */
#ifndef PYSHIM_ORDER_HAZARD_NEXT_LOST
#define PYSHIM_ORDER_HAZARD_NEXT_LOST PYSHIM_ACQUIRE
#endif

/* A writer's way to the next block. Partner: HAZARD_NEXT_PUBLISH. */
#ifndef PYSHIM_ORDER_HAZARD_NEXT_SCAN
#define PYSHIM_ORDER_HAZARD_NEXT_SCAN PYSHIM_ACQUIRE
#endif

/* Relaxed: only the owner writes the local count, and others only ask whether it is the immortal
 * one, which it was before they could know the object. */
#ifndef PYSHIM_ORDER_TRY_LOCAL_READ
#define PYSHIM_ORDER_TRY_LOCAL_READ PYSHIM_RELAXED
#endif

/* Relaxed: only the owner reads the count that matters. */
#ifndef PYSHIM_ORDER_TRY_LOCAL_WRITE
#define PYSHIM_ORDER_TRY_LOCAL_WRITE PYSHIM_RELAXED
#endif

/* Relaxed: no other thread stores the caller's id, so a match is always the caller's own store. */
#ifndef PYSHIM_ORDER_TRY_OWNER_READ
#define PYSHIM_ORDER_TRY_OWNER_READ PYSHIM_RELAXED
#endif

/* Relaxed: a guess that TRY_SHARED_TAKE checks; an old one that says no is as good as being early. */
#ifndef PYSHIM_ORDER_TRY_SHARED_READ
#define PYSHIM_ORDER_TRY_SHARED_READ PYSHIM_RELAXED
#endif

/* Partner: ENABLE_SET, so that the object is seen as it was when its owner allowed this. It need
 * not release: the owner decides over the same word by a read-modify-write, which sees the latest. */
#ifndef PYSHIM_ORDER_TRY_SHARED_TAKE
#define PYSHIM_ORDER_TRY_SHARED_TAKE PYSHIM_ACQUIRE
#endif

/* Relaxed: the loop tries again with what was found. */
#ifndef PYSHIM_ORDER_TRY_SHARED_LOST
#define PYSHIM_ORDER_TRY_SHARED_LOST PYSHIM_RELAXED
#endif

/* Relaxed: a guess that ENABLE_SET checks; a state once set is never taken back to none. */
#ifndef PYSHIM_ORDER_ENABLE_READ
#define PYSHIM_ORDER_ENABLE_READ PYSHIM_RELAXED
#endif

/* Partner: TRY_SHARED_TAKE. */
#ifndef PYSHIM_ORDER_ENABLE_SET
#define PYSHIM_ORDER_ENABLE_SET PYSHIM_RELEASE
#endif

/* Relaxed: the loop tries again with what was found. */
#ifndef PYSHIM_ORDER_ENABLE_LOST
#define PYSHIM_ORDER_ENABLE_LOST PYSHIM_RELAXED
#endif

/* Locking a mutex. Partner: MUTEX_LEAVE, which releases what the mutex protects. */
#ifndef PYSHIM_ORDER_MUTEX_TAKE
#define PYSHIM_ORDER_MUTEX_TAKE PYSHIM_ACQUIRE
#endif

/* Relaxed: another has the mutex, or came first, and all that is learnt is that. */
#ifndef PYSHIM_ORDER_MUTEX_TAKE_LOST
#define PYSHIM_ORDER_MUTEX_TAKE_LOST PYSHIM_RELAXED
#endif

/* Unlocking a mutex. Partner: MUTEX_TAKE. Who is handed the mutex, or woken, acquires through the
 * lock of the parking lot besides. */
#ifndef PYSHIM_ORDER_MUTEX_LEAVE
#define PYSHIM_ORDER_MUTEX_LEAVE PYSHIM_RELEASE
#endif

/* Relaxed: threads wait, and the way through the parking lot is taken instead. */
#ifndef PYSHIM_ORDER_MUTEX_LEAVE_LOST
#define PYSHIM_ORDER_MUTEX_LEAVE_LOST PYSHIM_RELAXED
#endif

/* Relaxed: a guess that a compare-exchange or the lock of the parking lot checks. */
#ifndef PYSHIM_ORDER_MUTEX_LOOK
#define PYSHIM_ORDER_MUTEX_LOOK PYSHIM_RELAXED
#endif

/* Relaxed: says that somebody is about to wait. Who unlocks sees it, for both are read-modify-writes
 * of one byte; and what is looked at next is looked at under the lock of the parking lot. */
#ifndef PYSHIM_ORDER_MUTEX_PARK
#define PYSHIM_ORDER_MUTEX_PARK PYSHIM_RELAXED
#endif

/* Relaxed: as MUTEX_TAKE_LOST. */
#ifndef PYSHIM_ORDER_MUTEX_PARK_LOST
#define PYSHIM_ORDER_MUTEX_PARK_LOST PYSHIM_RELAXED
#endif

/* Whether something is initialised, without the mutex. Partner: ONCE_DONE_SET. */
#ifndef PYSHIM_ORDER_ONCE_DONE_GET
#define PYSHIM_ORDER_ONCE_DONE_GET PYSHIM_ACQUIRE
#endif

/* It is. Releases all that was done for it. Partner: ONCE_DONE_GET. */
#ifndef PYSHIM_ORDER_ONCE_DONE_SET
#define PYSHIM_ORDER_ONCE_DONE_SET PYSHIM_RELEASE
#endif

/* Relaxed: no other thread stores the caller's id, so a match is always the caller's own store. */
#ifndef PYSHIM_ORDER_ONCE_OWNER_GET
#define PYSHIM_ORDER_ONCE_OWNER_GET PYSHIM_RELAXED
#endif

/* Relaxed: as ONCE_OWNER_GET. */
#ifndef PYSHIM_ORDER_ONCE_OWNER_SET
#define PYSHIM_ORDER_ONCE_OWNER_SET PYSHIM_RELAXED
#endif

/* Relaxed: the word is the address of a function, all threads find the same one, and code does not
 * change. */
#ifndef PYSHIM_ORDER_EARLY_GET
#define PYSHIM_ORDER_EARLY_GET PYSHIM_RELAXED
#endif

/* Relaxed: as EARLY_GET. */
#ifndef PYSHIM_ORDER_EARLY_SET
#define PYSHIM_ORDER_EARLY_SET PYSHIM_RELAXED
#endif

/* Releases the table and what it leads to. Partner: PYSHIM_ORDER_TABLE_GET in
 * generated/dispatch.h. */
#ifndef PYSHIM_ORDER_TABLE_PUBLISH
#define PYSHIM_ORDER_TABLE_PUBLISH PYSHIM_RELEASE
#endif

/* Relaxed: the loser compares the pointer and reads through `pyshim_table_get`. */
#ifndef PYSHIM_ORDER_TABLE_LOST
#define PYSHIM_ORDER_TABLE_LOST PYSHIM_RELAXED
#endif

/* Releases an array of slots. Partner: SLOTS_GET and SLOTS_LOST. */
#ifndef PYSHIM_ORDER_SLOTS_PUBLISH
#define PYSHIM_ORDER_SLOTS_PUBLISH PYSHIM_RELEASE
#endif

/* Another's array is used instead. Partner: SLOTS_PUBLISH. */
#ifndef PYSHIM_ORDER_SLOTS_LOST
#define PYSHIM_ORDER_SLOTS_LOST PYSHIM_ACQUIRE
#endif

/* Partner: SLOTS_PUBLISH. */
#ifndef PYSHIM_ORDER_SLOTS_GET
#define PYSHIM_ORDER_SLOTS_GET PYSHIM_ACQUIRE
#endif

/* Relaxed: the environment is read by whoever is first, and nothing comes with it. */
#ifndef PYSHIM_ORDER_STACK_MODE_READ
#define PYSHIM_ORDER_STACK_MODE_READ PYSHIM_RELAXED
#endif

/* Relaxed: as STACK_MODE_READ. */
#ifndef PYSHIM_ORDER_STACK_MODE_SET
#define PYSHIM_ORDER_STACK_MODE_SET PYSHIM_RELAXED
#endif

/* Relaxed: as STACK_MODE_READ. */
#ifndef PYSHIM_ORDER_STACK_MODE_LOST
#define PYSHIM_ORDER_STACK_MODE_LOST PYSHIM_RELAXED
#endif

/* Relaxed: a thread state gets the address of an earlier one from the allocator, which orders the
 * change before it. */
#ifndef PYSHIM_ORDER_STACK_CHANGES_READ
#define PYSHIM_ORDER_STACK_CHANGES_READ PYSHIM_RELAXED
#endif

/* Relaxed: as STACK_CHANGES_READ. */
#ifndef PYSHIM_ORDER_STACK_CHANGES_ADD
#define PYSHIM_ORDER_STACK_CHANGES_ADD PYSHIM_RELAXED
#endif

/* Relaxed: as STACK_CHANGES_READ. */
#ifndef PYSHIM_ORDER_STACK_CHANGES_LOST
#define PYSHIM_ORDER_STACK_CHANGES_LOST PYSHIM_RELAXED
#endif

#endif
