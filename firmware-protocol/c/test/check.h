/* A check that says where it failed, for programs that make many. */
#ifndef LUBDUB_CHECK_H
#define LUBDUB_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                      \
    do {                                                                                      \
        if (!(condition)) {                                                                   \
            fprintf(stderr, "FAILED %s:%d: %s\n", __FILE__, __LINE__, #condition);            \
            exit(1);                                                                          \
        }                                                                                     \
    } while (0)

#endif
