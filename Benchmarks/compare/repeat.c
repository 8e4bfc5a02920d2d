/* Starts a program again and again and prints how long it takes from start to end: least, median and 99th percentile, in ms.
 *
 *     repeat TIMES PROGRAM [ARGUMENT ...] */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static int ascending(const void *left, const void *right)
{
    const double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static double one(char **words, const posix_spawn_file_actions_t *actions)
{
    pid_t child;
    int status;
    const double start = milliseconds();
    if (posix_spawnp(&child, words[0], actions, NULL, words, environ) != 0 || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "repeat: %s failed\n", words[0]);
        exit(1);
    }
    return milliseconds() - start;
}

int main(int count, char **words)
{
    const int times = count > 2 ? atoi(words[1]) : 0;
    double *const taken = calloc((size_t)times + 1, sizeof *taken);
    posix_spawn_file_actions_t actions;
    if (times < 1 || taken == NULL || posix_spawn_file_actions_init(&actions) != 0) {
        fprintf(stderr, "usage: repeat TIMES PROGRAM [ARGUMENT ...]\n");
        return 64;
    }
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    one(words + 2, &actions);
    for (int i = 0; i < times; i++) { taken[i] = one(words + 2, &actions); }
    qsort(taken, (size_t)times, sizeof *taken, ascending);
    printf("%.3f %.3f %.3f\n", taken[0], taken[times / 2], taken[times * 99 / 100]);
    return 0;
}
