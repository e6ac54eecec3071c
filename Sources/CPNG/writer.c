#include "CPNG.h"
#include "failure.h"
#include <png.h>
#include <stdlib.h>
#include <string.h>

struct cpng_writer {
    png_structp png;
    png_infop info;
    int header_written;
    uint8_t *bytes;
    size_t count;
    size_t capacity;
};

static void append(png_structp png, png_bytep bytes, size_t count) {
    cpng_writer *writer = png_get_io_ptr(png);
    if (count > writer->capacity - writer->count) {
        size_t capacity = 2 * writer->capacity + count;
        uint8_t *grown = realloc(writer->bytes, capacity);
        if (grown == NULL)
            png_error(png, "no memory is left");
        writer->bytes = grown;
        writer->capacity = capacity;
    }
    memcpy(writer->bytes + writer->count, bytes, count);
    writer->count += count;
}

static void flush(png_structp png) {
    (void)png;
}

cpng_writer *cpng_writer_open(uint32_t width, uint32_t height, cpng_error *error) {
    cpng_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        goto no_memory;
    writer->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, error, cpng_on_error, cpng_on_warning);
    if (writer->png == NULL)
        goto no_memory;
    writer->info = png_create_info_struct(writer->png);
    if (writer->info == NULL)
        goto no_memory;
    if (setjmp(png_jmpbuf(writer->png))) {
        cpng_writer_close(writer);
        return NULL;
    }
    png_set_write_fn(writer->png, writer, append, flush);
    png_set_IHDR(writer->png, writer->info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(writer->png, writer->info, PNG_sRGB_INTENT_PERCEPTUAL);
    return writer;

no_memory:
    *error = (cpng_error){"no memory is left"};
    cpng_writer_close(writer);
    return NULL;
}

int cpng_writer_text(cpng_writer *writer, const char *keyword, const char *text, int is_international) {
    if (setjmp(png_jmpbuf(writer->png)))
        return 0;
    // libpng copies the strings and does not write to them.
    png_text chunk = {
        .compression = is_international ? PNG_ITXT_COMPRESSION_NONE : PNG_TEXT_COMPRESSION_NONE,
        .key = (png_charp)keyword,
        .text = (png_charp)text,
    };
    png_set_text(writer->png, writer->info, &chunk, 1);
    return 1;
}

int cpng_writer_row(cpng_writer *writer, const uint8_t *row) {
    if (setjmp(png_jmpbuf(writer->png)))
        return 0;
    if (!writer->header_written) {
        png_write_info(writer->png, writer->info);
        writer->header_written = 1;
    }
    png_write_row(writer->png, row);
    return 1;
}

int cpng_writer_finish(cpng_writer *writer) {
    if (setjmp(png_jmpbuf(writer->png)))
        return 0;
    png_write_end(writer->png, NULL);
    return 1;
}

const uint8_t *cpng_writer_bytes(const cpng_writer *writer, size_t *count) {
    *count = writer->count;
    return writer->bytes;
}

void cpng_writer_clear(cpng_writer *writer) {
    writer->count = 0;
}

void cpng_writer_close(cpng_writer *writer) {
    if (writer == NULL)
        return;
    png_destroy_write_struct(&writer->png, &writer->info);
    free(writer->bytes);
    free(writer);
}
