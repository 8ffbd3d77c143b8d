/* The dispatch table that this release has; the table itself is in the C core. */
#ifndef @PREFIX@_TABLE_H
#define @PREFIX@_TABLE_H

/* CRC-32 of the slots and their signatures; the C core refuses headers with another. */
#define @PREFIX@_TABLE_HASH 0x@HASH@u
/* How many slots this release has. */
#define @PREFIX@_TABLE_LENGTH @LENGTH@u

#endif
