#include "cases.h"

static const struct {
    size_t height, width, channels, kernel;
} shapes[] = {
    {1, 1, 1, 3},  {1, 9, 16, 3},  {9, 1, 17, 3}, {2, 2, 32, 3},
    {3, 3, 16, 3}, {5, 12, 35, 3}, {4, 7, 20, 5}, {3, 3, 5, 7},
};

/// The whole image in parts of 2 rows and 16 channels.
static void run_parts(const qk_depthwise *image, qk_gated_depthwise_f32 *operation) {
    for (size_t row = 0; row < image->height; row += 2) {
        for (size_t channel = 0; channel < image->channels; channel += 16) {
            size_t rows = image->height - row, channels = image->channels - channel;
            qk_depthwise_part part = {
                .first_row = row,
                .rows = rows < 2 ? rows : 2,
                .first_channel = channel,
                .channels = channels < 16 ? channels : 16,
            };
            operation(image, &part);
        }
    }
}

void depthwise_cases(const qk_tier *tier, edge at) {
    numbers source = {10};
    for (size_t index = 0; index < sizeof shapes / sizeof *shapes; index++) {
        for (int is_gated = 0; is_gated < (shapes[index].kernel == 3 ? 2 : 1); is_gated++) {
            size_t pixels = shapes[index].height * shapes[index].width;
            size_t channels = shapes[index].channels * (is_gated ? 2 : 1);
            size_t kernel = shapes[index].kernel;
            qk_depthwise image = {
                .height = shapes[index].height,
                .width = shapes[index].width,
                .channels = shapes[index].channels,
                .kernel = kernel,
                .x = floats(&source, pixels * channels, 1, at),
                .x_stride = channels,
                .weight = floats(&source, kernel * kernel * channels, 1, at),
                .bias = index % 2 == 0 ? NULL : floats(&source, channels, 1, at),
                .y = guarded(pixels * shapes[index].channels * sizeof(float), at),
                .y_stride = shapes[index].channels,
            };
            run_parts(&image, is_gated ? tier->gated_depthwise_f32 : tier->depthwise_f32);
            record(image.y, pixels * shapes[index].channels * sizeof(float));
            free_guarded();
        }
    }
}
