import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Subscription } from 'rxjs';
import { WebSocketServer, type WebSocket } from 'ws';
import { ConfigurationError, LubdubError } from '../../errors.js';
import { ExaminationLog } from '../../bedside/examination-log.js';
import { executeFit } from './fit-command.js';
import { LiveSoundFeed } from './live-sound.js';
import { LiveState } from './live-state.js';
import type { LiveLookBack } from './look-back/live-look-back.js';
import { parseCommand } from './page-command.js';
import type { LiveView, PageCommand, PageFacts } from '../page-messages.js';
import { defaultSocketLimits, PageSocket, textOf, type PageSocketLimits } from './page-socket.js';
import type { PageGate } from './page-gate.js';
import type { ScreeningController } from '../../bedside/screening-controller.js';
import { recordingsOf, type StoredSessions } from './stored-sessions.js';
import type { SessionRow } from '../session-pages.js';
import { TraceFeed } from './trace-feed.js';
import type { ControllerStatus, HeartSoundMark } from '../../bedside/bedside-status.js';

const MOST_PAGES = 8;
/** No command is longer. */
const MOST_MESSAGE_BYTES = 4096;
/** Twenty frames of trace a second are drawn as smoothly as sixty: what is new goes at once, but no sooner than this. */
const SEND_INTERVAL_MS = 50;
/** What nobody has looked at is joined in such pieces for who comes later. */
const UNSEEN_SECONDS = 1;
const TEND_INTERVAL_MS = 5000;
/** Marks of a few minutes: what a page that is opened late gets. */
const MARKS_KEPT = 100;

export interface LivePagesOptions {
  readonly controller: ScreeningController;
  readonly facts: PageFacts;
  readonly gate: PageGate;
  readonly sessions: StoredSessions | null;
  readonly lookBack: LiveLookBack;
  readonly onFault: (error: unknown) => void;
  readonly limits: Partial<PageSocketLimits> & { readonly pages?: number };
}

/** Shows one screening on every page that is open, and passes on what they ask for. */
export class LivePages {
  private readonly limits: PageSocketLimits & { readonly pages: number };
  private readonly server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MOST_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  private readonly sockets = new Map<WebSocket, PageSocket>();
  private readonly state: LiveState;
  private readonly feed = new TraceFeed();
  private readonly sound = new LiveSoundFeed<PageSocket>();
  private readonly subscriptions = new Subscription();
  private readonly tending: NodeJS.Timeout;
  /** Takes back what is due to be sent. */
  private unsend: (() => void) | undefined;
  private sentAtMs = -Infinity;
  private marks: HeartSoundMark[] = [];
  private readonly examinations: ExaminationLog;
  private hasChanged = false;

  constructor(private readonly options: LivePagesOptions) {
    const { controller, facts, sessions, lookBack, onFault } = options;
    this.examinations = new ExaminationLog(facts.rules);
    this.limits = { ...defaultSocketLimits, pages: MOST_PAGES, ...options.limits };
    this.state = new LiveState();
    const watch = <T>(next: (value: T) => void) => ({ next, error: onFault });
    this.subscriptions.add(controller.status$.subscribe(watch((status) => this.takeStatus(status))));
    this.subscriptions.add(
      controller.events$.subscribe(
        watch((event) => {
          this.state.push(event);
          lookBack.takeEvent(event);
          if (event.kind === 'final') this.examinations.finish(this.state.view.status, event);
          this.change();
        }),
      ),
    );
    this.subscriptions.add(
      controller.trace$.subscribe(
        watch((chunk) => {
          this.feed.push(chunk);
          lookBack.takeTrace(chunk);
          if (this.sockets.size > 0) this.sendSoon();
          else if (this.feed.waitingSeconds >= UNSEEN_SECONDS) this.feed.take();
        }),
      ),
    );
    this.subscriptions.add(controller.sound$?.subscribe(watch((piece) => this.sound.push(piece))));
    this.subscriptions.add(controller.marks$?.subscribe(watch((marks) => this.takeMarks(marks))));
    this.subscriptions.add(
      controller.preview$?.subscribe(
        watch((window) => {
          this.state.takePreview(window);
          this.change();
        }),
      ),
    );
    this.subscriptions.add(
      controller.fitting?.status$.subscribe(
        watch((status) => {
          this.state.takeStethoscope(status);
          this.change();
        }),
      ),
    );
    this.tending = setInterval(() => this.sockets.forEach((socket) => socket.tend()), TEND_INTERVAL_MS);
    // The page alone keeps no process alive that has nothing else to do.
    this.tending.unref();
    sessions
      ?.list()
      .then((rows) => this.examinations.addStored(recordingsOf(rows)))
      .catch(onFault);
  }

  get count(): number {
    return this.sockets.size;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const pages = { open: this.sockets.size, most: this.limits.pages };
    if (!this.options.gate.admit(request, socket, '/live', pages)) return;
    this.server.handleUpgrade(request, socket, head, (webSocket) => this.welcome(webSocket, socket));
  }

  close(): void {
    this.subscriptions.unsubscribe();
    clearInterval(this.tending);
    this.unsend?.();
    this.sound.close();
    for (const webSocket of this.sockets.keys()) {
      webSocket.close(1001, 'lubdub ends');
      // Whoever does not answer is not waited for.
      webSocket.terminate();
    }
    this.server.close();
  }

  private welcome(webSocket: WebSocket, connection: Duplex): void {
    // Those that are there already must not miss what this one gets as past.
    this.sendNews();
    const socket = new PageSocket(webSocket, this.limits, connection);
    this.sockets.set(webSocket, socket);
    webSocket.on('close', () => {
      this.sockets.delete(webSocket);
      this.sound.leave(socket);
    });
    webSocket.on(
      'message',
      (data, isBinary) => void this.obey(webSocket, socket, isBinary ? null : textOf(data)),
    );
    socket.sendMessage({ type: 'facts', facts: this.options.facts });
    socket.sendView(this.viewText());
    for (const frame of this.feed.history) socket.sendTrace(frame);
    if (this.marks.length > 0) {
      socket.sendMessage({ type: 'marks', recording: this.state.recording, marks: this.marks });
    }
  }

  private async obey(webSocket: WebSocket, socket: PageSocket, text: string | null): Promise<void> {
    const command = text === null ? null : parseCommand(text);
    if (command === null) return webSocket.close(1008, 'not a command');
    if (!socket.takeCommand()) return webSocket.close(1008, 'too many commands');
    let message: string | null = null;
    try {
      await this.execute(command, socket);
    } catch (error) {
      if (!(error instanceof LubdubError)) this.options.onFault(error);
      message = error instanceof Error ? error.message : String(error);
    }
    socket.sendMessage({ type: 'reply', id: command.id, message });
  }

  private async execute(command: PageCommand, socket: PageSocket): Promise<void> {
    const { controller } = this.options;
    switch (command.command) {
      case 'start':
        return controller.start({ site: command.site, subject: command.subject });
      case 'name':
        return controller.name({ site: command.site, subject: command.subject });
      case 'stop':
        return controller.stop();
      case 'discard':
        await controller.discard();
        this.examinations.forget();
        this.change();
        return;
      case 'correct': {
        const { session, site, subject, note } = command;
        return this.amend(session, await this.stored.correct(session, { site, subject, note }));
      }
      case 'delete':
        return this.delete(command.session);
      case 'fit':
      case 'fit-record':
      case 'fit-stop':
      case 'fit-next':
      case 'fit-leave-out':
      case 'fit-finish':
      case 'fit-cancel':
      case 'remove-profile':
        return executeFit(command, controller.fitting);
      case 'listen':
        return this.sound.listen(socket, command.isOn, command.receivedSamples);
    }
  }

  private get stored(): StoredSessions {
    if (this.options.sessions !== null) return this.options.sessions;
    throw new ConfigurationError('no session is stored in this run: start lubdub with --out FOLDER');
  }

  private async delete(session: string): Promise<void> {
    const { stored } = this;
    const { status } = this.state.view;
    await stored.delete(session);
    // The controller must not believe that it still has it.
    if (status.session === session && status.state === 'stopped') await this.options.controller.discard();
    this.amend(session, null);
  }

  private amend(session: string, row: SessionRow | null): void {
    this.examinations.amend(session, row === null ? null : (recordingsOf([row])[0] ?? null));
    this.state.amend(session, row);
    this.change();
  }

  private takeStatus(status: ControllerStatus): void {
    const before = this.state.recording;
    if (status.state === 'recording' && this.state.view.status.state !== 'recording') {
      this.examinations.begin(Date.now());
    }
    this.state.setStatus(status);
    const { state, session } = status;
    this.options.lookBack.takeStatus(this.state.recording, status);
    if (this.options.sessions !== null) {
      this.options.sessions.current = state === 'recording' || state === 'stopping' ? session : null;
    }
    if (this.state.recording !== before) {
      this.feed.begin(this.state.recording);
      this.marks = [];
    }
    this.change();
  }

  private takeMarks(marks: readonly HeartSoundMark[]): void {
    if (marks.length === 0) return;
    this.options.lookBack.takeMarks(marks);
    this.marks = [...this.marks, ...marks].slice(-MARKS_KEPT);
    const message = { type: 'marks', recording: this.state.recording, marks } as const;
    for (const socket of this.sockets.values()) socket.sendMessage(message);
  }

  private change(): void {
    this.hasChanged = true;
    this.sendSoon();
  }

  /** Without a page nothing is due, and this process sleeps on. */
  private sendSoon(): void {
    if (this.sockets.size === 0 || this.unsend !== undefined) return;
    const inMs = this.sentAtMs + SEND_INTERVAL_MS - performance.now();
    if (inMs > 0) {
      const timer = setTimeout(() => this.sendNews(), inMs).unref();
      this.unsend = () => clearTimeout(timer);
    } else {
      // When all is done that one read of the line brought. Were it not waited for, it would come when something else does.
      const timer = setImmediate(() => this.sendNews());
      this.unsend = () => clearImmediate(timer);
    }
  }

  private sendNews(): void {
    this.unsend?.();
    this.unsend = undefined;
    this.sentAtMs = performance.now();
    const frames = this.feed.take();
    const text = this.hasChanged && this.sockets.size > 0 ? this.viewText() : undefined;
    this.hasChanged = false;
    for (const socket of this.sockets.values()) {
      socket.sendTogether(() => {
        if (text !== undefined) socket.sendView(text);
        for (const frame of frames) socket.sendTrace(frame);
      });
    }
  }

  private viewText(): string {
    const { view } = this.state;
    const examination = this.examinations.current(view.status.subject, Date.now());
    return JSON.stringify({ type: 'view', view: { ...view, examination } satisfies LiveView });
  }
}
