// A small coverage-guided fuzzer: changes inputs at random, keeps those that reach new code.
//
//   fuzz_NAME SECONDS SEED FILE…    SEED is printed; the same seed and the same files give the same
//   run
//
// A finding aborts (a sanitizer, KILN_CHECK, or the target itself) after its input was written to
// fuzz_NAME.crash in the working folder; give that file alone, with 0 seconds, to see it again.

#include "os/fd.hpp"
#include "tests/fuzz/target.hpp"

#include <array>
#include <bitset>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr std::size_t kMapSize = 1U << 16;
constexpr std::size_t kLongest = 1U << 16;

std::bitset<kMapSize> seen;   // code reached by any input so far
bool reached_new = false;     // by the input that runs now
std::uintptr_t previous = 0;  // the last place, so that ways count and not places alone
const std::string* running = nullptr;
const char* crash_file = nullptr;

/// Only what a signal handler may do.
void keep_input() {
    if (running == nullptr || crash_file == nullptr) {
        return;
    }
    const int file = ::open(crash_file, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    if (file >= 0) {
        [[maybe_unused]] const auto written = ::write(file, running->data(), running->size());
        ::close(file);
    }
}

void on_abort(int signal) {
    keep_input();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

}  // namespace

extern "C" {
// Called by code that is compiled with -fsanitize-coverage=trace-pc.
void __sanitizer_cov_trace_pc() {
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
    const std::size_t slot = (here ^ (previous >> 1U)) % kMapSize;
    previous = here;
    if (!seen[slot]) {
        seen[slot] = true;
        reached_new = true;
    }
}

// The address sanitizer ends without a signal unless told so.
const char* __asan_default_options() {
    return "abort_on_error=1:detect_leaks=0:allocator_may_return_null=1";
}
}

namespace {

class Mutator {
  public:
    explicit Mutator(std::uint64_t seed) : random_{seed} {}

    std::string change(std::string text, const std::string& other) {
        const std::size_t times = 1 + below(4);
        for (std::size_t i = 0; i < times; ++i) {
            change_once(text, other);
        }
        text.resize(std::min(text.size(), kLongest));
        return text;
    }

    std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

  private:
    void change_once(std::string& text, const std::string& other) {
        const std::size_t at = below(text.size() + 1);
        switch (below(7)) {
            case 0:
                text.insert(at, 1, static_cast<char>(below(256)));
                break;
            case 1:
                text.erase(at, 1 + below(8));
                break;
            case 2:
                if (at < text.size()) {
                    text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
                }
                break;
            case 3:
                text.insert(at, text.substr(below(text.size() + 1), below(32)));
                break;
            case 4:
                text = text.substr(0, at) + other.substr(below(other.size() + 1));
                break;
            case 5:
                text.replace(at, below(4), kiln::fuzz::word(below(1U << 16)));
                break;
            default:
                if (at < text.size()) {
                    text[at] = static_cast<char>(below(256));
                }
        }
    }

    std::mt19937_64 random_;
};

void run_one(const std::string& input) {
    running = &input;
    reached_new = false;
    previous = 0;
    kiln::fuzz::run(input);
    running = nullptr;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s SECONDS SEED [FILE…]\n", argv[0]);
        return 2;
    }
    const std::chrono::seconds time{std::strtol(argv[1], nullptr, 10)};
    const auto seed = std::strtoull(argv[2], nullptr, 10);
    const std::string crash = std::string{argv[0]} + ".crash";
    crash_file = crash.c_str();
    std::signal(SIGABRT, on_abort);
    std::signal(SIGSEGV, on_abort);

    std::vector<std::string> corpus{""};
    for (int i = 3; i < argc; ++i) {
        corpus.push_back(kiln::os::read_file(argv[i], kLongest));
    }
    for (const auto& input : corpus) {
        run_one(input);
    }
    Mutator mutator{seed};
    std::uint64_t runs = corpus.size();
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
        const auto& from = corpus[mutator.below(corpus.size())];
        const auto& other = corpus[mutator.below(corpus.size())];
        auto input = mutator.change(from, other);
        run_one(input);
        if (reached_new) {
            corpus.push_back(std::move(input));
        }
        ++runs;
    }
    std::printf(
        "seed %llu: %llu inputs, %zu kept, %zu ways through the code\n",
        static_cast<unsigned long long>(seed),
        static_cast<unsigned long long>(runs),
        corpus.size(),
        seen.count()
    );
    return 0;
}
