/* SPDX-License-Identifier: 0BSD */
/* What is said of a mistake with a stack reference. */

#include "stack_ref.h"

#include <stdio.h>  /* snprintf, fprintf */
#include <stdlib.h> /* realloc */
#include <string.h> /* memcpy, memset */

/* Checks that have no memory cannot go on, and programs do not depend on them. */
static void *pyshim_core_stack_grown(void *old, size_t count, size_t size)
{
    void *grown = realloc(old, count * size);
    if (grown == NULL) {
        Py_FatalError("pyshim: no memory left for checking stack references");
    }
    return grown;
}

/* Writes a place as `, WHAT FILE:LINE`, or nothing where there is none. */
static size_t pyshim_core_stack_show(char *text, size_t room, const char *what, const char *file,
                                     uint32_t length, uint32_t line)
{
    /* The end of a path says more than its beginning. */
    const uint32_t most = 160;
    uint32_t cut = length > most ? length - most : 0;
    int n = 0;
    if (file != NULL && line != 0) {
        n = snprintf(text, room, ", %s %.*s:%u", what, (int)(length - cut), file + cut,
                     (unsigned)line);
    } else if (file != NULL) {
        n = snprintf(text, room, ", %s %.*s", what, (int)(length - cut), file + cut);
    }
    return n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

/* What each of the four places of a report is, for its kind. */
typedef struct pyshim_core_stack_words {
    const char *what, *created, *closed, *found;
} pyshim_core_stack_words;

static const pyshim_core_stack_words *pyshim_core_stack_words_of(int kind)
{
    static const pyshim_core_stack_words words[] = {
        {"is wrong", "made at", "closed at", "noticed at"},
        {"leaked", "made at", "closed at", "still open at"},
        {"was closed twice", "made at", "first closed at", "again at"},
        {"was used after it was closed", "made at", "closed at", "used at"},
        {"was stolen twice", "made at", "first stolen at", "again at"},
        {"was borrowed after its owner was closed", "made at", "closed at", "borrowed at"},
        {"was closed while it was borrowed", "made at", "closed before at", "closed at"},
        {"is not of this thread, or was closed long ago", "made at", "closed at", "used at"},
        {"frame was popped out of order", "one within it pushed at", "popped before at",
         "popped at"},
    };
    size_t index = (size_t)kind < sizeof(words) / sizeof(words[0]) ? (size_t)kind : 0;
    return &words[index];
}

#define PYSHIM_STACK_TEXT 1024

static void pyshim_core_stack_explain(const pyshim_stack_ref_report *report, char *text)
{
    const pyshim_core_stack_words *words = pyshim_core_stack_words_of(report->kind);
    const size_t room = PYSHIM_STACK_TEXT;
    size_t n = (size_t)snprintf(text, room, "pyshim: a stack reference %s", words->what);
    n += pyshim_core_stack_show(text + n, room - n, words->created, report->created_file,
                                report->created_length, report->created_line);
    n += pyshim_core_stack_show(text + n, room - n, "last borrowed at", report->borrowed_file,
                                report->borrowed_length, report->borrowed_line);
    n += pyshim_core_stack_show(text + n, room - n, words->closed, report->closed_file,
                                report->closed_length, report->closed_line);
    n += pyshim_core_stack_show(text + n, room - n, words->found, report->found_file,
                                report->found_length, report->found_line);
    if (report->object != 0) {
        snprintf(text + n, room - n, "; the object is at 0x%llx",
                 (unsigned long long)report->object);
    }
}

static void pyshim_core_stack_keep(pyshim_core_stack_table *table,
                                   const pyshim_stack_ref_report *report)
{
    if (table->n_reports == table->reports_room) {
        table->reports_room = table->reports_room * 2 + 8;
        table->reports = (pyshim_stack_ref_report *)pyshim_core_stack_grown(
            table->reports, table->reports_room, sizeof(*table->reports));
    }
    table->reports[table->n_reports++] = *report;
}

/* A leak harms nobody by itself; the other mistakes damage memory next. */
static int pyshim_core_stack_is_fatal(int kind)
{
    return kind != PYSHIM_STACK_REF_LEAKED && pyshim_core_stack_checks() == PYSHIM_STACK_FATAL;
}

static pyshim_stack_ref_report pyshim_core_stack_report(int kind,
                                                        const pyshim_core_stack_entry *entry,
                                                        const pyshim_core_stack_place *found)
{
    pyshim_stack_ref_report report;
    memset(&report, 0, sizeof(report));
    report.size = sizeof(report);
    report.kind = kind;
    report.found_file = found->file;
    report.found_length = found->length;
    report.found_line = found->line;
    if (entry != NULL) {
        report.object = (uintptr_t)entry->object;
        report.created_file = entry->created.file;
        report.created_length = entry->created.length;
        report.created_line = entry->created.line;
        report.borrowed_file = entry->borrowed.file;
        report.borrowed_length = entry->borrowed.length;
        report.borrowed_line = entry->borrowed.line;
        report.closed_file = entry->closed.file;
        report.closed_length = entry->closed.length;
        report.closed_line = entry->closed.line;
    }
    return report;
}

static void pyshim_core_stack_complain(pyshim_core_stack_table *table, int kind,
                                       const pyshim_core_stack_entry *entry,
                                       const pyshim_core_stack_place *found)
{
    pyshim_stack_ref_report report = pyshim_core_stack_report(kind, entry, found);
    char text[PYSHIM_STACK_TEXT];
    if (table->keeps_reports) {
        pyshim_core_stack_keep(table, &report);
        return;
    }
    pyshim_core_stack_explain(&report, text);
    if (pyshim_core_stack_is_fatal(kind)) {
        Py_FatalError(text);
    }
    fprintf(stderr, "%s\n", text);
    fflush(stderr);
}

void pyshim_stack_ref_keep_reports(int keep)
{
    if (pyshim_stack_ref_checking()) {
        pyshim_core_stack_table_get()->keeps_reports = keep != 0;
    }
}

int pyshim_stack_ref_take_report(pyshim_stack_ref_report *report)
{
    /* A caller of another release has room for what it knows, and nothing behind that. */
    size_t known = offsetof(pyshim_stack_ref_report, reserved);
    size_t room = report->size < known ? report->size : known;
    uint32_t size = report->size;
    pyshim_core_stack_table *table;
    if (!pyshim_stack_ref_checking()) {
        return 0;
    }
    table = pyshim_core_stack_table_get();
    if (table->taken == table->n_reports) {
        return 0;
    }
    memcpy(report, &table->reports[table->taken++], room);
    report->size = size;
    if (table->taken == table->n_reports) {
        table->taken = table->n_reports = 0;
    }
    return 1;
}
