"""mutmut, fitted to this project: `make mutants`, and for a part of it

    .venv/bin/python tests/mutants.py run 'apitokens.signing*'
    .venv/bin/python tests/mutants.py results       # those that live
    .venv/bin/python tests/mutants.py show NAME     # the change, as a diff

Two things differ from plain mutmut.

It leaves decorated functions alone, since copying one may run its decorator for each copy. Here
these are most of the services and whatever handles a secret. Their decorators only wrap calls: a
copy goes without, and the one function that callers see keeps them.

It starts pytest anew for each mutant. Here one session collects the tests and makes the database,
and each mutant is tried in a fork of it: 30 times as many an hour. The session itself has run no
mutated code, so no cache holds what another function answered.
"""

import gc
import sys
from collections import Counter

sys.path.pop(0)  # tests/, put there because this file is the program: nobody imports from it

import libcst as cst
from _pytest.config import _prepareconfig
from _pytest.main import Session
from mutmut.__main__ import cli
from mutmut.mutation import file_mutation
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.utils.file_utils import change_cwd
from mutmut.workers import isolation

# --- functions with decorators -------------------------------------------------------------------
WRAPPERS = {
    "atomic()",
    "classmethod",
    "contextmanager",
    "lru_cache(maxsize=8)",
    "sensitive_variables()",
    "staticmethod",
}
BINDERS = {"classmethod", "staticmethod"}
"""mutmut's own code copes with these, if they are alone."""

skip_node = file_mutation.MutationVisitor._skip_node_and_children
arrange = file_mutation.function_trampoline_arrangement


def name_of(decorator):
    return cst.Module([]).code_for_node(decorator.decorator)


def skip_unless_wrapped(visitor, node):
    if isinstance(node, cst.FunctionDef) and node.decorators:
        unknown = {name_of(decorator) for decorator in node.decorators} - WRAPPERS
        if unknown:  # left alone in silence, it would look as if all were well
            raise LookupError(f"does {unknown} only wrap calls? Then add it to WRAPPERS")
        return False
    return skip_node(visitor, node)


def arrange_bare(function, mutants, class_name):
    """mutmut's arrangement of *function* without its wrappers; the first node gets them back."""
    bare = [decorator for decorator in function.decorators if name_of(decorator) in BINDERS]
    before, nodes, after, names = arrange(
        function.with_changes(decorators=bare), mutants, class_name
    )
    seen, *copies = nodes
    choosing = seen.decorators[-1]
    seen = seen.with_changes(decorators=[*function.decorators, choosing])
    return before, [seen, *copies], after, names


file_mutation.MutationVisitor._skip_node_and_children = skip_unless_wrapped
file_mutation.function_trampoline_arrangement = arrange_bare


# --- one session for all mutants -----------------------------------------------------------------
class OneSession(PytestRunner):
    """Collects once; each fork of it runs the tests that reach its mutant, closest ones first."""

    session = None

    def warm_up(self):
        arguments = ["--rootdir=.", "--tb=no", "--capture=sys", "-q"]
        arguments += self._pytest_add_cli_args + self._pytest_add_cli_args_test_selection
        with change_cwd("mutants"):
            config = _prepareconfig(arguments)
            session = Session.from_config(config)
            config._do_configure()
            config.hook.pytest_sessionstart(session=session)
            config.hook.pytest_collection(session=session)
            self.session, self.items = session, {item.nodeid: item for item in session.items}
            self.make_the_database()
        gc.freeze()  # a fork that collects garbage would copy all of it

    def make_the_database(self):
        """By one test that needs it and reaches no mutated function."""
        reaching = set().union(*state().tests_by_mangled_function_name.values())
        idle = (item for name, item in self.items.items() if name not in reaching)
        self.run_one(next(item for item in idle if item.get_closest_marker("django_db")))

    def run_one(self, item):
        """Whether all is well so far. What belongs to the session, as the database, stays."""
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=self.session)
        return not self.session.testsfailed

    def run_tests(self, *, mutant_name, tests):
        if self.session is None:  # before the mutants: all is well without one
            self.warm_up()
        self.kept = sys.stdout, sys.stderr  # else pytest drops them, and is warned of open files
        with change_cwd("mutants"):
            chosen = [self.items[name] for name in in_order(tests or self.items)]
            return 0 if all(self.run_one(item) for item in chosen) else 1


def in_order(tests):
    """A mutant that dies should die soon: one case of each test, those that reach few functions
    first; then the other cases; slow ones last.
    """
    durations, by_function = state().duration_by_test, state().tests_by_mangled_function_name
    reached = Counter(name for names in by_function.values() for name in names)
    cases, case_of = Counter(), {}
    for name in sorted(tests, key=lambda name: (reached[name], durations[name])):
        test = name.partition("[")[0]
        cases[test] += 1
        case_of[name] = cases[test]
    return sorted(case_of, key=lambda name: (durations[name] > 0.5, case_of[name], reached[name]))


isolation.PytestRunner = OneSession

if __name__ == "__main__":
    cli()
