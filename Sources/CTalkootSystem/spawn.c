#include "talkoot_system.h"
int talkoot_placeholder(void) { return 0; }
