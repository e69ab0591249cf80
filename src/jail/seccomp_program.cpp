#include "jail/seccomp_program.hpp"

#include "base/error.hpp"
#include "jail/memory_file.hpp"
#include "os/fd.hpp"

#include <bit>
#include <cerrno>
#include <memory>

#include <fmt/format.h>
#include <seccomp.h>

namespace kiln::jail {

namespace {

using When = SeccompRule::When;

struct Release {
    void operator()(void* filter) const noexcept { seccomp_release(filter); }
};

using Filter = std::unique_ptr<void, Release>;

void check(int result, std::string_view doing) {
    if (result < 0) {
        throw Error{
            ErrorKind::internal,
            fmt::format(
                "system call filter: {}: {}", doing, std::generic_category().message(-result)
            )};
    }
}

void add(
    const Filter& filter,
    int number,
    const SeccompRule& rule,
    std::uint64_t mask,
    std::uint64_t value
) {
    const scmp_arg_cmp compare{rule.argument, SCMP_CMP_MASKED_EQ, mask, value};
    check(
        seccomp_rule_add_array(
            filter.get(),
            SCMP_ACT_ERRNO(static_cast<std::uint16_t>(rule.error)),
            number,
            1,
            &compare
        ),
        rule.call
    );
}

/// Refuses the arguments from `low` up to, not including, `high` (at most 2^32).
/// One rule has one comparison for an argument, so a range is cut into blocks of equal leading
/// bits.
void add_range(
    const Filter& filter, int number, const SeccompRule& rule, std::uint64_t low, std::uint64_t high
) {
    constexpr std::uint64_t kAll = 0xFFFFFFFF;
    while (low < high) {
        const auto aligned = low == 0 ? kAll + 1 : low & (~low + 1);
        const auto size = std::min(aligned, std::bit_floor(high - low));
        add(filter, number, rule, kAll & ~(size - 1), low);
        low += size;
    }
}

void add_none_equal(const Filter& filter, int number, const SeccompRule& rule) {
    std::uint64_t next = 0;
    for (const std::uint64_t allowed : rule.values) {
        add_range(filter, number, rule, next, allowed);
        next = allowed + 1;
    }
    add_range(filter, number, rule, next, 0x1'0000'0000);
}

void add(const Filter& filter, const SeccompRule& rule) {
    const int number = seccomp_syscall_resolve_name(rule.call.c_str());
    if (number == __NR_SCMP_ERROR) {
        throw Error{
            ErrorKind::internal, fmt::format("system call filter: no such call: {}", rule.call)};
    }
    switch (rule.condition) {
        case When::always:
            check(
                seccomp_rule_add(
                    filter.get(), SCMP_ACT_ERRNO(static_cast<std::uint16_t>(rule.error)), number, 0
                ),
                rule.call
            );
            return;
        case When::any_bit:
            for (auto bits = rule.values.front(); bits != 0; bits &= bits - 1) {
                const auto lowest = bits & (~bits + 1);
                add(filter, number, rule, lowest, lowest);
            }
            return;
        case When::equal:
            for (const auto value : rule.values) {
                add(filter, number, rule, 0xFFFFFFFF, value);
            }
            return;
        case When::none_equal:
            add_none_equal(filter, number, rule);
            return;
    }
}

/// The 32-bit programs that a 64-bit machine runs too.
void add_architectures(const Filter& filter) {
    switch (seccomp_arch_native()) {
        case SCMP_ARCH_X86_64:
            check(seccomp_arch_add(filter.get(), SCMP_ARCH_X86), "x86");
            break;
        case SCMP_ARCH_AARCH64:
            check(seccomp_arch_add(filter.get(), SCMP_ARCH_ARM), "arm");
            break;
        default:
            break;
    }
}

}  // namespace

std::string compile_seccomp(const std::vector<SeccompRule>& rules) {
    const Filter filter{seccomp_init(SCMP_ACT_ALLOW)};
    if (!filter) {
        throw Error{ErrorKind::exhausted, "system call filter: out of memory"};
    }
    check(
        seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)),
        "foreign architectures"
    );
    add_architectures(filter);
    // A tree over the call numbers: a handful of comparisons for a call instead of a hundred.
    check(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "order as a tree");
    for (const auto& rule : rules) {
        add(filter, rule);
    }
    const auto file = memory_file("kiln-seccomp", "");
    check(seccomp_export_bpf(filter.get(), file.get()), "export");
    rewind_file(file);
    return os::read_all(file);
}

const std::string& seccomp_program() {
    static const auto program = compile_seccomp(seccomp_rules());
    return program;
}

}  // namespace kiln::jail
