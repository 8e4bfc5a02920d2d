int talkoot_placeholder(void);
