"""Plays systemd for one service: its sockets, its environment, its notifications, and the connections it keeps.

Usage: service_manager.py '{"listen": [...], "fdstore": N, "environment": {...}, "command": [...]}'. Each line of
standard input is a command (start, stop, restart, kill); each line of standard output is a JSON object.
"""
import array, json, os, select, signal, socket, sys, tempfile, threading

plan = json.loads(sys.argv[1])
lock = threading.Lock()
kept = []


def say(**fields):
    with lock:
        sys.stdout.write(json.dumps(fields) + "\n")
        sys.stdout.flush()


def listener(address):
    if "unix" in address:
        opened = socket.socket(socket.AF_UNIX)
        opened.bind(address["unix"])
    else:
        host, port = address["inet"]
        opened = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
    opened.listen(1024)
    return opened


folder = tempfile.mkdtemp()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(os.path.join(folder, "notify"))
listeners = [listener(address) for address in plan.get("listen", [])]
say(listening=[opened.getsockname() for opened in listeners])


def receive():
    while True:
        text, fds, _, _ = socket.recv_fds(notify, 65536, 253)
        lines = text.decode().splitlines()
        if "FDSTORE=1" in lines:
            name = next((line[7:] for line in lines if line.startswith("FDNAME=")), "stored")
            kept.extend((fd, name) for fd in fds)
            say(notified=lines, stored=len(fds))
        else:
            for fd in fds:
                os.close(fd)
            if "BARRIER=1" not in lines:
                say(notified=lines)


threading.Thread(target=receive, daemon=True).start()


def alive(fd):
    """Like systemd, which closes what it keeps when the other side has hung up."""
    poll = select.poll()
    poll.register(fd, 0)
    return not poll.poll(0)


def start():
    names = [("policy", opened.fileno()) for opened in listeners] + [(name, fd) for fd, name in kept if alive(fd)]
    pid = os.fork()
    if pid > 0:
        for fd, _ in kept:
            os.close(fd)
        kept.clear()
        say(started=pid, passed=len(names))
        threading.Thread(target=wait, args=(pid,), daemon=True).start()
        return pid
    os.setpgid(0, 0)
    copies = [os.dup2(fd, 1000 + index) for index, (_, fd) in enumerate(names)]
    for index, copy in enumerate(copies):
        os.dup2(copy, 3 + index)
    os.closerange(3 + len(copies), 4096)
    output = os.open(plan["output"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    environment = {**os.environ, **plan.get("environment", {}), "NOTIFY_SOCKET": os.path.join(folder, "notify")}
    if names:
        environment |= {"LISTEN_FDS": str(len(names)), "LISTEN_PID": str(os.getpid())}
        environment["LISTEN_FDNAMES"] = ":".join(name for name, _ in names)
    if plan.get("fdstore"):
        environment["FDSTORE"] = str(plan["fdstore"])
    os.execvpe(plan["command"][0], plan["command"], environment)


ended = threading.Event()


def wait(pid):
    _, status = os.waitpid(pid, 0)
    # The processes of the unit end with it.
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    say(ended=os.waitstatus_to_exitcode(status))
    ended.set()


current = 0
for line in sys.stdin:
    word = line.strip()
    if word in ("stop", "restart"):
        os.killpg(current, signal.SIGTERM)
        ended.wait()
    if word in ("start", "restart"):
        ended.clear()
        current = start()
    elif word != "stop":
        os.kill(current, getattr(signal, word))
if current and not ended.is_set():
    os.killpg(current, signal.SIGKILL)
