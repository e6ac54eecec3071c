#include "CPNG.h"
#include "failure.h"
#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <unistd.h>

struct cpng_writer {
    png_structp png;
    png_infop info;
    int descriptor;
    int header_written;
    cpng_error error;
};

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
    cpng_writer *writer = png_get_io_ptr(png);
    while (count > 0) {
        ssize_t written = write(writer->descriptor, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            writer->error.system_error = errno;
            png_error(png, "the write failed");
        }
        bytes += written;
        count -= (size_t)written;
    }
}

static void flush_bytes(png_structp png) {
    (void)png;
}

cpng_writer *cpng_writer_open(int descriptor, uint32_t width, uint32_t height, cpng_error *error) {
    cpng_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        goto no_memory;
    writer->descriptor = descriptor;
    writer->png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer->error, cpng_on_error, cpng_on_warning);
    if (writer->png == NULL)
        goto no_memory;
    writer->info = png_create_info_struct(writer->png);
    if (writer->info == NULL)
        goto no_memory;
    if (setjmp(png_jmpbuf(writer->png))) {
        *error = writer->error;
        cpng_writer_close(writer);
        return NULL;
    }
    png_set_write_fn(writer->png, writer, write_bytes, flush_bytes);
    png_set_IHDR(writer->png, writer->info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(writer->png, writer->info, PNG_sRGB_INTENT_PERCEPTUAL);
    return writer;

no_memory:
    *error = (cpng_error){.message = "no memory is left", .system_error = ENOMEM};
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

cpng_error cpng_writer_error(const cpng_writer *writer) {
    return writer->error;
}

void cpng_writer_close(cpng_writer *writer) {
    if (writer == NULL)
        return;
    png_destroy_write_struct(&writer->png, &writer->info);
    free(writer);
}
