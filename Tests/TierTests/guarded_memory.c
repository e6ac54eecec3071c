#define _GNU_SOURCE
#include "guarded_memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAPPINGS = 64 };

static struct {
    void *pages;
    size_t size;
} mappings[MAPPINGS];
static size_t mapping_count;

static void require(int holds) {
    if (!holds) {
        perror("guarded memory");
        exit(EXIT_FAILURE);
    }
}

void *guarded(size_t bytes, edge at) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t inner = (bytes + page - 1) / page * page;
    size_t size = inner + 2 * page;
    char *pages = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(pages != MAP_FAILED && mapping_count < MAPPINGS);
    mappings[mapping_count].pages = pages;
    mappings[mapping_count++].size = size;
    require(mprotect(pages + page, inner, PROT_READ | PROT_WRITE) == 0);
    char *memory = pages + page + (at == EDGE_START ? 0 : inner - bytes);
    return memset(memory, 0x55, bytes);
}

void *guarded_copy(const void *source, size_t bytes, edge at) {
    return memcpy(guarded(bytes, at), source, bytes);
}

void free_guarded(void) {
    while (mapping_count > 0) {
        mapping_count--;
        munmap(mappings[mapping_count].pages, mappings[mapping_count].size);
    }
}
