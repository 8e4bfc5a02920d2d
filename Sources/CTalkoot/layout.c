#include "talkoot.h"
