// The functions that AWS Step Functions adds to the language.

#include "base/hex.hpp"
#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <openssl/evp.h>

namespace kiln::jsonata {

namespace {

/// The most items of `$range`, as of the `..` operator.
constexpr double kLongestRange = 1e7;

constexpr std::size_t kDeepestDocument = 200;

/// AWS rounds numbers down where it wants whole ones.
double whole(Value value) {
    return std::floor(value.number);
}

Value partition(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined() || !arguments[1].defined()) {
        return {};
    }
    const auto size = whole(arguments[1]);
    if (!(size >= 1)) {
        throw Failure{"D3162"}.about(describe(arguments[1]));
    }
    auto& arena = evaluator.arena();
    const auto count = size_of(arguments[0]);
    const auto step = size >= static_cast<double>(count) ? std::max<std::size_t>(count, 1)
                                                         : static_cast<std::size_t>(size);
    auto* const out = arena.make<Array>();
    for (std::size_t start = 0; start < count; start += step) {
        auto* const part = arena.make<Array>();
        for (auto index = start; index < std::min(start + step, count); ++index) {
            evaluator.tick();
            part->push(arena, item_of(arguments[0], index));
        }
        out->push(arena, Value::of(part));
    }
    return Value::of(out);
}

Value range(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined() || !arguments[1].defined()) {
        return {};
    }
    const auto first = whole(arguments[0]);
    const auto last = whole(arguments[1]);
    const auto step = arguments[2].defined() ? whole(arguments[2]) : 1;
    if (step == 0 || std::isnan(step)) {
        throw Failure{"D3163"};
    }
    const auto count = std::floor((last - first) / step) + 1;
    if (count > kLongestRange) {
        Failure failure{"D3164"};
        failure.text = "10000000";
        throw failure;
    }
    // AWS: a range of one is that one.
    auto* const out = count == 1 ? evaluator.make_sequence() : evaluator.arena().make<Array>();
    if (step == 1 && count > 0) {
        out->set_range(first, static_cast<std::size_t>(count));
        return Value::of(out);
    }
    for (double number = 0; number < count; ++number) {
        evaluator.tick();
        out->push(evaluator.arena(), Value::of(first + number * step));
    }
    return Value::of(out);
}

std::string digest(const EVP_MD* method, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    KILN_CHECK(EVP_Digest(text.data(), text.size(), bytes.data(), &size, method, nullptr) == 1);
    return to_hex(std::span{bytes}.first(size));
}

Value hash(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    static const std::array<std::pair<std::string_view, const EVP_MD*>, 5> kMethods{{
        {"MD5", EVP_md5()},
        {"SHA-1", EVP_sha1()},
        {"SHA-256", EVP_sha256()},
        {"SHA-384", EVP_sha384()},
        {"SHA-512", EVP_sha512()},
    }};
    const auto name = arguments[1].defined() ? arguments[1].text() : std::string_view{};
    for (const auto& [known, method] : kMethods) {
        if (known == name) {
            return evaluator.text(digest(method, text_of(evaluator, arguments[0])));
        }
    }
    throw Failure{"D3161"}.about(describe(arguments[1]));
}

/// A number from 0 up to 1 that depends on the seed alone: splitmix64.
double seeded(double seed) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &seed, sizeof bits);
    bits += 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
    bits ^= bits >> 31U;
    return static_cast<double>(bits >> 11U) * 0x1.0p-53;
}

Value random(Evaluator& evaluator, const Arguments& arguments) {
    return Value::of(
        arguments[0].defined() ? seeded(whole(arguments[0])) : evaluator.world().random()
    );
}

Value uuid(Evaluator& evaluator, const Arguments&) {
    return evaluator.text(evaluator.world().uuid());
}

Value parse(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    const auto text = arguments[0].text();
    // A document takes some times the room of its text.
    evaluator.arena().check_room(text.size() * 8);
    try {
        json::error_code problem;
        const auto document = json::parse(text, problem, {}, {.max_depth = kDeepestDocument});
        if (problem) {
            Failure failure{"D3160"};
            failure.text = problem.message();
            throw failure;
        }
        return from_json(evaluator.arena(), document);
    } catch (const std::bad_alloc&) {
        throw Failure{Cause::memory};
    }
}

constexpr std::array kFunctions{
    Builtin{"partition", "<an:a>", 2, partition},
    Builtin{"range", "<nnn?:a>", 3, range},
    Builtin{"hash", "<(snbl)s:s>", 2, hash},
    Builtin{"random", "<n?:n>", 1, random},
    Builtin{"uuid", "<:s>", 0, uuid},
    Builtin{"parse", "<s:x>", 1, parse},
};

}  // namespace

std::span<const Builtin> aws_functions() {
    return kFunctions;
}

}  // namespace kiln::jsonata
