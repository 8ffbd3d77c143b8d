/* SPDX-License-Identifier: 0BSD */
/* The table of views that nobody has opened, and the numbers of all. A token leads to a view at most
 * once, and to none when the interpreter of its object has ended. */

#include "view_table.h"

/* A prime, since tokens are counted up. */
#define PYSHIM_CORE_VIEW_CHAINS 61

/* Tokens of copies of the C core differ in the bits above these, so that one which reached the wrong
 * extension is unknown there. The int that it becomes has 63 bits. */
#define PYSHIM_CORE_TOKEN_BITS 43

static struct {
    pyshim_core_view *chains[PYSHIM_CORE_VIEW_CHAINS];
    uint64_t last;
    size_t sent, open, pinned;
} pyshim_core_views;

/* Where libraries lie differs in whole pages. */
static uint64_t pyshim_core_token_base(void)
{
    uint64_t page = (uint64_t)(uintptr_t)&pyshim_core_views >> 12;
    return (page & 0xFFFFF) << PYSHIM_CORE_TOKEN_BITS;
}

static pyshim_core_view **pyshim_core_chain(uint64_t token)
{
    return &pyshim_core_views.chains[token % PYSHIM_CORE_VIEW_CHAINS];
}

/* The link that leads to a view, or to NULL. Under the lock, like all but the named operations. */
static pyshim_core_view **pyshim_core_link_to(uint64_t token)
{
    pyshim_core_view **link = pyshim_core_chain(token);
    while (*link != NULL && (*link)->token != token) {
        link = &(*link)->next;
    }
    return link;
}

static void pyshim_core_link_in(pyshim_core_view *view)
{
    pyshim_core_view **chain = pyshim_core_chain(view->token);
    view->next = *chain;
    *chain = view;
    pyshim_core_views.sent++;
}

static pyshim_core_view *pyshim_core_unlink(pyshim_core_view **link)
{
    pyshim_core_view *view = *link;
    *link = view->next;
    view->next = NULL;
    pyshim_core_views.sent--;
    return view;
}

static int pyshim_core_views_add(pyshim_core_view *view, uint64_t *token)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    int lives = !view->home->ended;
    if (lives) {
        *token = view->token = pyshim_core_token_base() + ++pyshim_core_views.last;
        pyshim_core_home_keep_locked(view->home);
        pyshim_core_link_in(view);
    }
    pyshim_core_registry_unlock(bucket);
    return lives;
}

static pyshim_core_view *pyshim_core_views_open(uint64_t token)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pyshim_core_view **link = pyshim_core_link_to(token);
    pyshim_core_view *view = *link;
    if (view != NULL) {
        pyshim_core_unlink(link);
        pyshim_core_views.open++;
        view->home->open++;
    }
    pyshim_core_registry_unlock(bucket);
    return view;
}

static int pyshim_core_views_put_back(pyshim_core_view *view)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    int lives = !view->home->ended;
    if (lives) {
        pyshim_core_views.open--;
        view->home->open--;
        pyshim_core_link_in(view);
    }
    pyshim_core_registry_unlock(bucket);
    return lives;
}

static pyshim_core_view *pyshim_core_views_withdraw(uint64_t token, const pyshim_core_home *home,
                                                    int *foreign)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pyshim_core_view **link = pyshim_core_link_to(token);
    pyshim_core_view *view = *link;
    *foreign = view != NULL && view->home != home;
    view = view != NULL && !*foreign ? pyshim_core_unlink(link) : NULL;
    pyshim_core_registry_unlock(bucket);
    return view;
}

static int pyshim_core_views_close(pyshim_core_view *view)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    int lives = !view->home->ended;
    pyshim_core_views.open--;
    if (lives) {
        view->home->open--; /* otherwise it was counted as pinned */
    }
    pyshim_core_registry_unlock(bucket);
    return lives;
}

static void pyshim_core_views_pin(void)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pyshim_core_views.pinned++;
    pyshim_core_registry_unlock(bucket);
}

/* Lets nobody in any more, takes all views of an interpreter out of the table, and counts the open ones
 * as pinned. The views that were taken out, as a list. */
static pyshim_core_view *pyshim_core_views_take_all(pyshim_core_home *home, size_t *open)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    pyshim_core_view *taken = NULL;
    size_t i;
    *open = home->ended ? 0 : home->open;
    pyshim_core_views.pinned += *open;
    home->ended = 1;
    pyshim_core_registry.process_ends |= home->id == 0;
    for (i = 0; i < PYSHIM_CORE_VIEW_CHAINS; i++) {
        pyshim_core_view **link = &pyshim_core_views.chains[i];
        while (*link != NULL) {
            if ((*link)->home == home) {
                pyshim_core_view *view = pyshim_core_unlink(link);
                view->next = taken;
                taken = view;
            } else {
                link = &(*link)->next;
            }
        }
    }
    pyshim_core_registry_unlock(bucket);
    return taken;
}

void pyshim_view_count(pyshim_view_counts *counts)
{
    pyshim_core_bucket *bucket = pyshim_core_registry_lock();
    counts->sent = pyshim_core_views.sent;
    counts->open = pyshim_core_views.open;
    counts->pinned = pyshim_core_views.pinned;
    pyshim_core_registry_unlock(bucket);
}
