// PNG files through libpng, with libpng's setjmp kept on this side.
//
// Every function returns 0 or NULL on failure; the last argument of the two that open something, and
// `cpng_*_error` afterwards, then give the reason. File descriptors stay the caller's.
#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

// What went wrong.
typedef struct {
    char message[160];
    // errno of the read or write that failed, 0 when the fault is in the picture.
    int system_error;
} cpng_error;

// Writes 8-bit RGB, row by row.
typedef struct cpng_writer cpng_writer;

cpng_writer *cpng_writer_open(int descriptor, uint32_t width, uint32_t height, cpng_error *error);
// Adds a text chunk: iTXt when `is_international` (UTF-8), else tEXt (ASCII). Before the first row.
int cpng_writer_text(cpng_writer *writer, const char *keyword, const char *text, int is_international);
// Writes one row of 3 * width bytes.
int cpng_writer_row(cpng_writer *writer, const uint8_t *row);
// Writes the end of the file. All rows must have been written.
int cpng_writer_finish(cpng_writer *writer);
cpng_error cpng_writer_error(const cpng_writer *writer);
void cpng_writer_close(cpng_writer *writer);

// Reads any PNG as 8-bit RGB: palettes and gray are expanded, alpha is dropped, 16 bits become 8.
typedef struct cpng_reader cpng_reader;

// Refuses a picture with a side above `limit`.
cpng_reader *cpng_reader_open(int descriptor, uint32_t limit, cpng_error *error);
uint32_t cpng_reader_width(const cpng_reader *reader);
uint32_t cpng_reader_height(const cpng_reader *reader);
// Fills height * width * 3 bytes.
int cpng_reader_pixels(cpng_reader *reader, uint8_t *pixels);
cpng_error cpng_reader_error(const cpng_reader *reader);
void cpng_reader_close(cpng_reader *reader);

#endif
