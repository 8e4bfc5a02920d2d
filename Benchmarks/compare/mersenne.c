/* The test of Lucas and Lehmer with GMP's squares: what the module lucas-lehmer is compared with. */
#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>

int main(int words, char **word)
{
    const unsigned long p = words > 1 ? strtoul(word[1], NULL, 10) : 127;
    mpz_t s, high, modulus;
    mpz_inits(s, high, modulus, NULL);
    mpz_set_ui(s, 4);
    mpz_setbit(modulus, p);
    mpz_sub_ui(modulus, modulus, 1);
    for (unsigned long step = 2; step < p; step++) {
        mpz_mul(s, s, s);
        mpz_fdiv_q_2exp(high, s, p);
        mpz_fdiv_r_2exp(s, s, p);
        mpz_add(s, s, high);
        if (mpz_cmp(s, modulus) >= 0) { mpz_sub(s, s, modulus); }
        if (mpz_cmp_ui(s, 2) < 0) { mpz_add(s, s, modulus); }
        mpz_sub_ui(s, s, 2);
    }
    printf("%lu %s\n", p, mpz_sgn(s) == 0 || mpz_cmp(s, modulus) == 0 ? "prime" : "composite");
    return 0;
}
