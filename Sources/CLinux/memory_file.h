/// An extension of Linux that Swift's view of the C library leaves out.
#ifndef CLINUX_MEMORY_FILE_H
#define CLINUX_MEMORY_FILE_H

static const unsigned CLINUX_CLOSE_ON_EXEC = 1;

/// A file without a name that lives in memory (memfd_create(2)).
int memfd_create(const char *name, unsigned flags);

#endif
