import type { ServerControl, SettingsReader } from '../parts';
import type { Connection } from '../server/connection';
import { Failure } from '../server/failure';
import { type Choice, type Proposal, environmentDisk, offerOf } from './consent';
import type { Environments } from './environments';
import { RETRY, type Remedy, SHOW_LOG, SetUpFailure, unsupported } from './failures';
import { checkDisk, install } from './install';
import { type Machine, supportOf } from './machine';
import { type ModelPlan, buildModel, isCurrent, knownPlan, measuredPlan, modelFolder, servedModel } from './model';
import { oneAtATime } from './oneAtATime';
import { throwIfAborted } from './processes';
import type { Toolchain } from './python';
import type { SetUpUi } from './ui';

/** What set-up works with. */
export interface World {
  readonly machine: () => Promise<Machine>;
  readonly memoryBytes: number;
  readonly environments: Environments;
  readonly findToolchain: (machine: Machine) => Promise<Toolchain>;
  readonly server: Pick<ServerControl, 'restart'>;
  readonly connection: Connection;
  readonly settings: Pick<SettingsReader, 'get'>;
  readonly ui: SetUpUi;
  readonly log: (line: string) => void;
}

/** What is to be made, and what a person is told of it. */
interface Plan extends Proposal {
  readonly machine: Machine;
  /** Empty where no model is to be made. */
  readonly recipe: string;
}

/** Takes a machine from whatever there is to a server that answers, one step after another. One set-up at a time. */
export class SetUp {
  #running: Promise<void> | undefined;

  constructor(private readonly world: World) {}

  /**
   * Asks, and sets up what is missing. `recipe` names a model other than the one that the settings say; while a set-up
   * runs it waits for its turn.
   */
  run(recipe?: string): Promise<void> {
    if (recipe !== undefined && this.#running !== undefined) {
      return this.#running.then(() => this.run(recipe));
    }
    return this.#once(() => this.#attempt(recipe));
  }

  /** Brings the server to the extension's version. The person has agreed to that when it was set up. */
  update(): Promise<void> {
    return this.#once(() => this.#update());
  }

  /** Deletes what earlier versions and attempts have left, unless a window uses it. */
  async tidyUp(): Promise<void> {
    const { environments } = this.world;
    if ((await environments.others()).length > 0) {
      await oneAtATime(
        environments.root,
        () => this.#tidyUp(),
        () => undefined,
        new AbortController().signal,
      );
    }
  }

  async #tidyUp(): Promise<void> {
    const { environments, log } = this.world;
    for (const folder of await environments.removeOthers()) {
      log(`Deleted ${folder}`);
    }
  }

  #once(work: () => Promise<void>): Promise<void> {
    this.#running ??= work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #attempt(recipe: string | undefined, agreed?: Choice): Promise<void> {
    let choice = agreed;
    try {
      const plan = await this.#plan(recipe);
      if (plan.environment === undefined && plan.model === undefined && plan.noModel === undefined) {
        this.world.ui.done(true);
        return;
      }
      choice ??= await this.world.ui.ask(offerOf(plan));
      if (choice !== undefined) {
        await this.#carryOut(plan, choice);
      }
    } catch (error) {
      const remedy = await this.world.ui.tell(retriable(error));
      if (await this.#tryAgain(remedy)) {
        await this.#attempt(recipe, choice);
      }
    }
  }

  async #update(): Promise<void> {
    const { environments, machine, ui } = this.world;
    try {
      const plan = await this.#planAll(await machine(), '');
      if (plan.environment !== undefined) {
        await checkDisk(environments.root, environmentDisk(plan));
        await this.#install('Updating the language server', plan.machine, plan.environment);
      }
    } catch (error) {
      if (await this.#tryAgain(await ui.tell(error))) {
        await this.#update();
      }
    }
  }

  async #tryAgain(remedy: Remedy | undefined): Promise<boolean> {
    return remedy?.kind === 'retry' || (remedy?.kind === 'choosePython' && (await this.world.ui.choosePython()));
  }

  /** Looks at what is there; starts a Python or the server at most, and downloads nothing. */
  async #plan(recipe: string | undefined): Promise<Plan> {
    const { environments, settings } = this.world;
    const machine = await this.world.machine();
    const own = settings.get('server.command').length === 0;
    const missing = own && ((await environments.state()) !== 'whole' || !(await environments.works()));
    return missing ? this.#planAll(machine, recipe) : this.#planModel(machine, recipe, own);
  }

  async #planAll(machine: Machine, recipe: string | undefined): Promise<Plan> {
    const { environments, settings, findToolchain } = this.world;
    const support = supportOf(machine);
    if (support.kind === 'none') {
      throw unsupported(support.reason);
    }
    const environment = {
      download: support.download,
      toolchain: await findToolchain(machine),
      folder: environments.root,
    };
    const wanted = recipe ?? (this.#served() ? settings.get('model.recipe') : '');
    return { ...this.#withModel(machine, wanted), environment };
  }

  async #planModel(machine: Machine, recipe: string | undefined, own: boolean): Promise<Plan> {
    const { connection, environments } = this.world;
    const served = recipe === undefined && this.#served() ? await servedModel(connection) : undefined;
    const wanted = recipe ?? (served === undefined || isCurrent(served) ? '' : served.recipe);
    const measured = own && wanted !== '' ? await measuredPlan(await environments.folder(), wanted) : undefined;
    return this.#withModel(machine, wanted, measured);
  }

  #withModel(machine: Machine, recipe: string, measured?: ModelPlan): Plan {
    const nothing = { machine, environment: undefined, model: undefined, noModel: undefined, recipe: '' };
    if (recipe === '') {
      return nothing;
    }
    const support = supportOf(machine);
    const plan = measured ?? knownPlan(recipe, machine.platform, this.world.memoryBytes);
    if (support.kind !== 'model' || plan.refusals.length > 0) {
      return { ...nothing, noModel: support.kind === 'model' ? plan.refusals.join(' ') : support.reason };
    }
    return { ...nothing, model: { ...plan, folder: modelFolder(machine.platform) }, recipe };
  }

  /** Whether a model of ours shall answer. */
  #served(): boolean {
    return this.world.settings.get('model.endpoint') === '' && this.world.settings.get('model.path') === '';
  }

  async #carryOut(plan: Plan, choice: Choice): Promise<void> {
    const { ui, environments } = this.world;
    if (choice === 'endpoint') {
      const url = await ui.askEndpoint();
      if (url === undefined) {
        return;
      }
      await ui.setEndpoint(url);
    }
    const model = choice === 'setUp' ? plan.model : undefined;
    await checkDisk(environments.root, environmentDisk(plan));
    if (model !== undefined) {
      await checkDisk(model.folder, model.needs.peakDisk);
    }
    if (plan.environment !== undefined) {
      await this.#install('Installing the language server', plan.machine, plan.environment);
    }
    if (model !== undefined) {
      await this.#build(plan.recipe);
    }
    ui.done(choice !== 'withoutModel');
  }

  async #install(
    title: string,
    machine: Machine,
    { toolchain, download }: NonNullable<Proposal['environment']>,
  ): Promise<void> {
    const { environments, log, ui, server } = this.world;
    await ui.progress(title, async (report, signal) => {
      const work = async (): Promise<void> => {
        if ((await environments.state()) !== 'whole') {
          await install({ environments, toolchain, machine, downloadBytes: download.bytes, report, log, signal });
        }
        report({ message: 'Starting it', percent: 100 });
        await server.restart();
        await this.#tidyUp();
      };
      const waiting = (): void => {
        report({ message: 'Another window is at it; this one waits' });
      };
      await oneAtATime(environments.root, work, waiting, signal);
      throwIfAborted(signal);
    });
  }

  async #build(recipe: string): Promise<void> {
    const { connection, ui } = this.world;
    await ui.progress('Making the model', async (report, signal) => {
      const served = await servedModel(connection, signal);
      if (served?.recipe !== recipe || !isCurrent(served)) {
        await buildModel(connection, recipe, report, signal);
      }
      throwIfAborted(signal);
    });
  }
}

/** A model that could not be made can be tried again without another question. */
function retriable(error: unknown): unknown {
  return error instanceof Failure && error.kind === 'modelBuild'
    ? new SetUpFailure(error.message, 'What has arrived is kept.', [RETRY, SHOW_LOG])
    : error;
}
