#include "CPNG.h"
#include "failure.h"
#include <png.h>
#include <stdlib.h>
#include <string.h>

struct cpng_reader {
    png_structp png;
    png_infop info;
    int passes;
    const uint8_t *bytes;
    size_t left;
};

static void take(png_structp png, png_bytep bytes, size_t count) {
    cpng_reader *reader = png_get_io_ptr(png);
    if (count > reader->left)
        png_error(png, "the file ends too early");
    memcpy(bytes, reader->bytes, count);
    reader->bytes += count;
    reader->left -= count;
}

cpng_reader *cpng_reader_open(const uint8_t *bytes, size_t count, uint32_t limit, cpng_error *error) {
    cpng_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        goto no_memory;
    reader->bytes = bytes;
    reader->left = count;
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, error, cpng_on_error, cpng_on_warning);
    if (reader->png == NULL)
        goto no_memory;
    reader->info = png_create_info_struct(reader->png);
    if (reader->info == NULL)
        goto no_memory;
    if (setjmp(png_jmpbuf(reader->png))) {
        cpng_reader_close(reader);
        return NULL;
    }
    png_set_read_fn(reader->png, reader, take);
    png_set_user_limits(reader->png, limit, limit);
    png_read_info(reader->png, reader->info);
    // deflate shrinks by 1032 at most, so that a header that claims more is false.
    if (png_get_rowbytes(reader->png, reader->info) * cpng_reader_height(reader) / 1032 > count)
        png_error(reader->png, "it claims more pixels than its bytes can hold");
    png_set_expand(reader->png);
    png_set_strip_16(reader->png);
    png_set_strip_alpha(reader->png);
    png_set_gray_to_rgb(reader->png);
    reader->passes = png_set_interlace_handling(reader->png);
    png_read_update_info(reader->png, reader->info);
    return reader;

no_memory:
    *error = (cpng_error){"no memory is left"};
    cpng_reader_close(reader);
    return NULL;
}

uint32_t cpng_reader_width(const cpng_reader *reader) {
    return png_get_image_width(reader->png, reader->info);
}

uint32_t cpng_reader_height(const cpng_reader *reader) {
    return png_get_image_height(reader->png, reader->info);
}

int cpng_reader_pixels(cpng_reader *reader, uint8_t *pixels) {
    if (setjmp(png_jmpbuf(reader->png)))
        return 0;
    const size_t row_bytes = 3 * (size_t)cpng_reader_width(reader);
    if (png_get_rowbytes(reader->png, reader->info) != row_bytes)
        png_error(reader->png, "the rows are not 8-bit RGB");
    const uint32_t height = cpng_reader_height(reader);
    for (int pass = 0; pass < reader->passes; pass++)
        for (uint32_t y = 0; y < height; y++)
            png_read_row(reader->png, pixels + y * row_bytes, NULL);
    png_read_end(reader->png, NULL);
    return 1;
}

void cpng_reader_close(cpng_reader *reader) {
    if (reader == NULL)
        return;
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader);
}
