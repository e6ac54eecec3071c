// PNG files in memory through libpng, with libpng's setjmp kept on this side.
//
// What fails returns 0 or NULL and leaves its reason in the `cpng_error` that was given at the opening, which
// must outlive the writer or reader.
#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    char message[160];
} cpng_error;

// Encodes 8-bit RGB, row by row.
typedef struct cpng_writer cpng_writer;

cpng_writer *cpng_writer_open(uint32_t width, uint32_t height, cpng_error *error);
// Adds a text chunk: iTXt when `is_international` (UTF-8), else tEXt (ASCII). Before the first row.
int cpng_writer_text(cpng_writer *writer, const char *keyword, const char *text, int is_international);
// Encodes one row of 3 * width bytes.
int cpng_writer_row(cpng_writer *writer, const uint8_t *row);
// Encodes the end of the file. All rows must have been written.
int cpng_writer_finish(cpng_writer *writer);
// The bytes that were encoded since the last `cpng_writer_clear`.
const uint8_t *cpng_writer_bytes(const cpng_writer *writer, size_t *count);
void cpng_writer_clear(cpng_writer *writer);
void cpng_writer_close(cpng_writer *writer);

// Decodes any PNG to 8-bit RGB: palettes and gray are expanded, alpha is dropped, 16 bits become 8.
typedef struct cpng_reader cpng_reader;

// Refuses a picture with a side above `limit`. `bytes` must outlive the reader.
cpng_reader *cpng_reader_open(const uint8_t *bytes, size_t count, uint32_t limit, cpng_error *error);
uint32_t cpng_reader_width(const cpng_reader *reader);
uint32_t cpng_reader_height(const cpng_reader *reader);
// Fills height * width * 3 bytes.
int cpng_reader_pixels(cpng_reader *reader, uint8_t *pixels);
void cpng_reader_close(cpng_reader *reader);

#endif
